"""English."""

from __future__ import annotations

from bridge.triggers.lexicons.shape import Lexicon, meaning, reaching

EN = Lexicon(
    common="""the, a, an, and, or, but, is, are, was, were, be, been, i, you, he, she, it, we,
        they, my, your, our, their, this, that, these, those, to, of, in, on, at, for, with,
        from, not, do, does, did, have, has, had, what, here, about, some, who, when, where, why,
        how, can, could, would, will, there, if, by, am, please, any, get, so, than, just, me, t,
        s""",
    denials="not, no, never, t, nt, without, hardly, dont, isnt, nothing, neither",
    human=reaching(
        """talk to, talk with, speak to, speak with, chat to, chat with, connect me to, connect
        me with, connect to, transfer me to, put me through to, hand me over to, forward me to,
        pass me to, deal with, discuss with, discuss this with, discuss it with, in touch with,
        reach, get hold of, contact, write to, get through to, switch me to, route me to,
        direct me to, escalate to, escalate this to, connected to, connected with, transferred
        to, touch base with, hear from, helped by, assisted by, help from, assistance from""",
        """human, person, someone, somebody, anyone, anybody, agent, representative, rep,
        operator, advisor, adviser, manager, supervisor, people, colleague, customer service,
        customer support, customer care, support team, real one, support staff, member of
        staff, employee, your team, boss, your staff, person in charge, live person, real
        human, human being, specialist, technician, consultant, team member, team leader, your
        support, someone else, live agent, someone real, actual person, somebody real, one of
        your people, your people, proper person, proper human, shop manager, store manager""",
        """actual human, real human, live human, human being, human agent, human help, human
        support, human operator, real person, actual person, live person, live agent, live
        chat, live support, real people, real agent, get me a human, give me a human, need a
        human, want a human, get a human, have a human, need a person, want a person, get me a
        person, give me a person, need an agent, want an agent, get me an agent, need a
        manager, want a manager, get me your manager, anybody i could … to, anyone i could …
        to, anybody i can … to, anyone i can … to, somebody i can … to, someone i can … to,
        someone call me, somebody call me, somebody … call me back, someone … call me back, one
        of your colleagues, is anybody there, is anyone there, not a bot, no bot, instead of a
        bot, escalate this, get somebody on the phone, get someone on the phone, anybody on the
        phone, somebody contact me, someone contact me, somebody get in touch, someone get in
        touch, have someone call, have somebody call, somebody phone me, someone phone me, ring
        me, call me back, call me please, call me on, call me at, please call me, give me a
        call, can you call me, don t want to chat with a bot, don t want to talk to a bot, don
        t want a bot, not talk to a bot, not a robot, no robot, not a machine, tired of this
        bot, hate this bot, hate bots, is this a bot, human please, person please, agent
        please, person to help, human to help, someone who can help, somebody who can help,
        anyone who can help, someone help me, no more bot, stop the bot, bot is useless, want
        to complain to, make a complaint to a, phone number of your support, hotline, a human
        read, human reading, any human, human here, give me a ring, give me a bell, your team
        call, your team phone, someone from your, somebody from your, anyone from your, person
        from your, member of your, proper person, get me someone, get me somebody, need someone
        to, need somebody to, want someone to, speak with you in person, talk in person, on the
        phone with""",
        unless="""don t want to … human, don t want to … person, don t want to … anyone, don t
            want to … anybody, don t need … human, don t need to … anyone, don t need to …
            anybody, no need … person, no need … human, not need … human, human resources,
            travel agent, estate agent, cleaning agent, insurance agent, =spoke, =talked,
            =spoken, speak to the oven, talk to the oven, reach the shelf, contact lens,
            contact lenses, contact form, call of duty, real person signed, don t call, no call""",
        alone="""agent, human, person, operator, representative, support, help desk, live chat,
            manager, supervisor, human please, agent please, operator please, a human, a
            person, real person, person please, customer service""",
    ),
    legal=meaning(
        """lawyer, attorney, solicitor, barrister, lawsuit, legal action, legal step, legal
        proceeding, legal advice, legal department, legal rights, legally, take you to court,
        see you in court, go to court, in court, sue you, suing you, =sue =your, will =sue,
        going to =sue, sued, prosecute, prosecution, litigation, small claims, breach of
        contract, gdpr, ccpa, data protection, trading standards, consumer protection,
        ombudsman, regulator, police, fraud, press charges, file charges, legal claim,
        statutory, subpoena, cease and desist, defamation, negligence, liable, liability, court
        order, better business bureau, authorities, reserve … rights, reserve the right, legal
        team, legal letter, small claims court, arbitration, mediation, chargeback, dispute
        with my bank, report you, reported you, reporting you, complaint with, file a
        complaint, formal complaint, data protection officer, right to be forgotten, right of
        access, subject access request, terms are unlawful, unlawful, illegal, against the law,
        violates, violation, infringement, copyright, =lawfully, compensation, damages,
        warranty rights, consumer rights, statutory rights, trade commission, ftc, notary,
        jurisdiction, settle this, settlement, my rights as, consumer law, data protection act,
        instructed""",
        unless="""tennis court, clay court, food court, court shoes, court jacket, police
            costume, legal size, law student, is it legal, lawyer gift, police officer costume,
            legal pad, legal pads, police academy, damages the, illegal parking sign, court
            street, court road, lawyers lane, lawyers street""",
    ),
    medical=meaning(
        """rash, allergic, allergy, chest pain, pain in my, in pain, painful, bleeding, blood,
        swallowed, choking, choked, pregnant, pregnancy, breastfeeding, hospital, ambulance,
        doctor, physician, emergency room, injured, injury, burned my, burnt my, burned her,
        burned his, fainted, unconscious, seizure, dizzy, vomiting, nausea, fever, infection,
        overdose, dosage, dose, side effect, prescription, medication, asthma, diabetes,
        diabetic, epilepsy, pacemaker, heart attack, stroke, suicide, suicidal, kill myself,
        end my life, want to live any more, want to live anymore, don t want to live, self
        harm, poisoned, poisoning, symptom, diagnosis, therapy, anaphylactic, swelling,
        swollen, can t breathe, trouble breathing, vomit, throwing up, threw up, throw up, cut
        my, cut myself, cut her, cut his, hurt my, hurt myself, hurts, itching, itchy, itch, my
        skin, hives, blister, bruise, broke my arm, broke my leg, broken arm, broken leg, fell
        and, ibuprofen, paracetamol, aspirin, antibiotic, medicines, your medicine, pills,
        tablets together, inhaled, inhale, ingested, swallow, poison, breathing, breathe,
        unwell, feel sick, feels sick, felt sick, i am ill, i m ill, got ill, illness, disease,
        cancer, surgery, =operation, wound, stitches, headache, migraine, stomach ache, stomach
        pain, diarrhea, diarrhoea, blood pressure, heart condition, depression, depressed,
        anxiety, panic attack, nurse, paramedic, first aid, electric shock, burn on my, got
        burned, burnt, scald, my eye, my eyes, migraines, collapse, collapsed, bad burn, burns,
        =burn from, burn my, eyes burn, nursing a baby, breast feeding, passed out, choke,
        sprained, concussion, numb, paralysed, paralyzed""",
        unless="""pain in the neck, doctor who, doctor costume, phone has a heart attack, app
            has a heart attack, sick of, sick and tired, at a stroke, heart attack when i open,
            blood orange, a dose of, medicine ball, doctor s stethoscope, stethoscope toy, toy
            doctor, doctor kit, private eye, eye catching, skin for my phone, ill fitting,
            broke down, skin tone, nurse costume, burn time, burn a cd, burn calories""",
    ),
    stuck=meaning(
        """didn t help, doesn t help, did not help, does not help, not helpful, isn t helpful,
        doesn t work, does not work, didn t work, still not work, still doesn t, still not,
        still doesn t work, still broken, as i said, like i said, i already said, i already
        told, already told you, already tried, already did, tried that, told you, you don t
        understand, you do not understand, don t get it, not what i asked, wasn t my question,
        not my question, that is not what i, that s not what i, i just said, again the same,
        same answer, same problem, read what i wrote, asked you, i repeat, once again, no that
        s wrong, wrong answer""",
        unless="how does it not work, =does =it =still",
    ),
    feelings={
        -3: """furious, outraged, outrageous, disgusting, disgusted, disgrace, disgraceful,
            unacceptable, ridiculous, pathetic, fed up, had enough, waste of time, waste of
            money, waste of my time, waste of my money, worst service, worst company, worst
            experience, worst ever, worst shop, joke, kidding me, scam, scammer, fraud, rip
            off, ripped off, liar, lied to, lying, useless, garbage, rubbish service, crap,
            crappy, bullshit, shit, fuck, fucking, wtf, damn, idiot, idiots, stupid bot, stupid
            company, moron, incompetent, shame on, shambles, appalling, =horrible, horrendous,
            =terrible, awful, hate your, hate this, hate you, i m angry, so angry, very angry,
            really angry, am angry, angry, livid, pissed, never order again, never buy again,
            will never order, will never buy, never again, nonsense, sick and tired, sick of,
            stop sending me, not happy, isn t happy, not at all happy, not satisfied, not
            impressed, insult, driving me nuts, driving me crazy, drives me crazy, losing my
            patience, lost my patience, out of patience, rip offs, unreal, laughable, screwed,
            screw you, sick joke, worst, outright lie, liars, thieves, thief, robbery,
            stealing, stole, steal my money, cheated, cheat, cheating, con artists, deceived,
            misled, atrocious, abysmal, dreadful, insane, infuriating, infuriated, enraged, mad
            at, so mad, really mad, disgusted with, never use, never shop, total failure,
            complete failure, don t care about, do your job, answer me, are you deaf, what is
            wrong with you, unforgivable, intolerable, mess up, messed up again, thanks for
            nothing, disaster, nobody cares, no one cares, don t care, ruined, ruin, how bad
            this, cannot put into words, beyond annoyed, total mess, complete mess, had it
            with, done with you, enough is enough, wasting my time, treat customers, treat
            people, a nightmare, nightmare, absolute chaos""",
        -2: """disappointed, disappointing, frustrated, frustrating, unhappy, dissatisfied,
            upset, nobody answers, nobody replies, no one answers, no one replies, no reply,
            ignored, ignoring me, unbelievable, poor service, bad service, bad experience,
            impatient, unprofessional, rude, tired of waiting, nothing works, how much longer,
            pain in the neck, embarrassing, seriously, regret, third time, fourth time, again
            and again, over and over, for weeks, no answer, no response, still nothing, let
            down, lousy, poor quality, cheap quality, tired of, bored of, giving up, hopeless,
            clueless, can t believe, can t be serious, not acceptable, not good enough, not
            okay, not ok, unfair, not fair, irritating, irritated, dislike, sucks, sloppy,
            careless, shocked, shocking, worse, =annoyed, =annoying, another week, worthless,
            unhelpful, not helpful, poor show, lost my trust, lose trust, ignore me, ignoring
            us, avoid this, stay away from, not recommend, never recommend""",
        -1: """broken, late, delay, wrong, problem, issue, bad, slow, fail, failed, damaged,
            missing, complaint, confusing, doesn t work, not working, still waiting, mess,
            poor, unclear""",
        1: "please, ok, fine, works now, sorry for, no problem, no worries",
        2: """thank, thanks, great, good, perfect, excellent, love, lovely, awesome, nice,
            happy, satisfied, glad, super, wonderful, appreciate, lol, haha, helpful""",
    },
    no_feelings="""angry birds, worst case, hate to bother, crazy sale, stupid simple, no joke,
        practical joke, with disgust, love to know, last time i, the last time, at worst, worse
        case, hell yeah, mad max, bloody mary, not too bad, could be worse, insane price, mess
        kit""",
)
