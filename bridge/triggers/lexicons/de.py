"""German. Verbs stand behind whom they are about, and their parts are words of their own."""

from __future__ import annotations

from bridge.triggers.lexicons.shape import Lexicon, meaning, reaching

DE = Lexicon(
    common="""der, die, das, den, dem, des, ein, eine, einen, einem, einer, und, oder, aber,
        ist, sind, war, waren, sein, ich, du, er, sie, es, wir, ihr, mein, meine, meinen, dein,
        ihre, ihren, zu, von, in, im, an, am, auf, fur, mit, aus, nicht, kein, keine, haben,
        habe, hat, hatte, was, wann, wo, warum, wie, kann, konnen, wird, werde, werden, wenn,
        bei, noch, auch, bitte, mir, mich, nach, doch, so, hier, schon, nur, dass, gibt, vom,
        zum, zur, uber, als, um, bis, dann, wurde, sich""",
    denials="nicht, kein, keine, keinen, keinem, keiner, nie, niemals, ohne, kaum, nichts, weder",
    human=reaching(
        """verbinden sie mich, verbinde mich, verbinden mit, gib mir, geben sie mir, holen sie,
        hol mir, leiten sie mich, leite mich, weiterleiten an, ich will, ich möchte, ich
        brauche, kann ich, erreiche ich, erreichen, sprechen mit, reden mit, kontakt mit,
        kontakt zu, telefonieren mit, schreiben mit, durchstellen zu, stellen sie mich durch
        zu, bitte um, lassen sie mich, lass mich, ich würde gern, ich hätte gern, wie komme ich
        zu""",
        """menschen, mensch, echte person, echten person, mitarbeiter, kundendienst,
        kundenservice, kundenberater, sachbearbeiter, ansprechpartner, vorgesetzten, support
        mitarbeiter, echten menschen, chef sprechen, jemanden sprechen, jemandem sprechen,
        jemandem reden, berater, kollegen sprechen, kollegin sprechen, person sprechen, person
        reden, ihren chef, ihrem chef, deinem chef, chef, fachmann, techniker, kollegin,
        kollegen, ihr team, ihrem team, ihren support, ihrem support, dem support, hotline,
        jemanden am telefon, jemandem am telefon, jemand echtem, verantwortlichen, zuständigen,
        leitung, filialleiter, echtem menschen, kundenbetreuer, betreuer, einem mitarbeiter,
        ihren leuten, einem von ihren, einem aus ihrem team""",
        """mit einem menschen, mit einem mitarbeiter … sprechen, mit einem mitarbeiter … reden,
        mit einem berater, mit einem echten, mit einer echten, mit jemandem sprechen, mit
        jemandem … sprechen, mit jemandem reden, mit jemandem telefonieren, mit wem sprechen,
        jemanden sprechen, echte menschen, echten menschen, echter mensch, echte person, echten
        mitarbeiter, lebenden menschen, an einen kollegen, an eine kollegin, an einen
        mitarbeiter, an einen menschen, jemand … zurückrufen, jemand … anrufen, rufen sie mich
        … zurück, bitte um rückruf, ist da jemand, ist hier jemand, menschliche hilfe,
        menschlichen ansprechpartner, kein bot, keinen bot, keinem bot, keine maschine, ihren
        vorgesetzten, ihren chef, ihren vorgesetzte, mit ihrem chef, mit einem kollegen, mit
        einer kollegin, mit einem sachbearbeiter, jemanden am telefon, jemand am telefon, team
        direkt … erreichen, nicht mehr mit einem bot, nicht mit einem bot, nicht mit einer
        maschine, nicht mit einem roboter, mit einem roboter, keinen roboter, keine lust auf
        bot, genug vom bot, ruft mich an, rufen sie mich an, ruf mich an, rufen sie mich bitte,
        bitte anrufen, bitte zurückrufen, um einen rückruf, rückruf bitte, einen rückruf,
        jemand melden, jemand … melden, melden sie sich … telefonisch, mich jemand, jemand
        persönlich, persönlich sprechen, persönlich mit, jemand der mir hilft, jemand der
        helfen kann, jemand helfen, kann mir jemand, wer kann mir helfen, bist du ein bot, sind
        sie ein bot, sind sie ein mensch, ein echter, telefonnummer vom support, telefonnummer
        des kundendienstes, live chat mit, von ihren leuten, einem von ihnen, aus ihrem team,
        liest das … mensch, liest hier … mensch, team … anrufen, mich anrufen, mich kurz
        anrufen, mich bitte anrufen, mensch da, menschen da, irgendein mensch, irgendwer da,
        jemand da, ist jemand da, richtigen menschen, richtiger mensch, richtige person""",
        unless="""nicht mit einem menschen, nicht mit einem mitarbeiter, keinen menschen,
            keinen mitarbeiter, mit niemandem, rabatt … mitarbeiter, möchte nicht mit jemandem,
            will nicht mit jemandem, =gesprochen, =geredet, =telefoniert, brauche keinen …
            mitarbeiter, brauche keinen … ansprechpartner, mitarbeiter … gesprochen, menschen …
            gesprochen, kann mir jemand sagen, mit dem lautsprecher, jemand anderes, nicht
            anrufen, mein chef, unser chef""",
        alone="""mitarbeiter, mensch, agent, kundendienst, kundenservice, support, berater,
            operator, mensch bitte, mitarbeiter bitte, ein mensch, person, menschen,
            ansprechpartner""",
    ),
    legal=meaning(
        """anwalt, anwältin, rechtsanwalt, rechtsanwältin, rechtsabteilung, jurist, juristisch,
        vor gericht, gerichtlich, klage, verklagen, verklage, klage erheben, klagen werde,
        anzeige erstatten, erstatte anzeige, anzeige bei, strafanzeige, anzeigen werde, betrug,
        betrugs, dsgvo, datenschutzbehörde, datenschutzbeauftragte, verbraucherzentrale,
        verbraucherschutz, rechtlich, rechtliche schritte, rechtsweg, abmahnung, abmahnen,
        mahnbescheid, schadenersatz, schadensersatz, frist setzen, setze … frist, polizei,
        vertragsbruch, widerrufsrecht, schlichtungsstelle, inkasso, staatsanwaltschaft,
        haftbar, behörde, behörden, mandant, mandantin, schadensersatzanspruch, rechte vor,
        rechtsmittel, rechtsschutz, rechtsschutzversicherung, rechtsbeistand, rechtsstreit,
        ansprüche, anspruch auf, gesetzlich, gesetzwidrig, rechtswidrig, illegal, strafbar,
        nötigung, unterlassung, datenschutz, auskunft nach, löschung meiner daten, löschen sie
        meine daten, beschwerde bei, offizielle beschwerde, gerichtsverfahren, mahnung vom
        anwalt, letzte frist, fristsetzung, vertragsstrafe, haftung, haften, bundesnetzagentur,
        ombudsmann, verbraucherschützer, urheberrecht, notar, gegen das datenschutzgesetz,
        datenschutzgesetz, verstoßen gegen, verstoß gegen, meine rechte, verbraucherrecht,
        gegen das gesetz, gesetzeswidrig""",
        unless="""=klagen bestens, nicht klagen, kann nicht klagen, polizei kostüm,
            tischgericht, welches gericht, arbeitsrecht, gerichtsplatz, gerichtstraße, bücher
            zum, anwaltstraße""",
    ),
    medical=meaning(
        """ausschlag, allergisch, allergie, schmerzen, brustschmerzen, schmerz, blutung,
        blutet, blut, verschluckt, erstickt, schwanger, schwangerschaft, stillen, krankenhaus,
        klinik, notaufnahme, notarzt, rettungswagen, arzt, ärztin, verletzt, verletzung,
        verbrannt, verbrennung, ohnmächtig, bewusstlos, krampfanfall, schwindel, erbrochen,
        übelkeit, fieber, infektion, überdosis, dosierung, dosis, nebenwirkung, rezept vom,
        medikament, tabletten, kapseln, asthma, diabetes, epilepsie, herzschrittmacher,
        herzinfarkt, schlaganfall, suizid, selbstmord, umbringen, nicht mehr leben, vergiftet,
        vergiftung, symptom, diagnose, therapie, atemnot, übergeben, erbricht, erbrechen,
        geschnitten, juckt, jucken, juckreiz, meine haut, die haut juckt, haut ist rot,
        pusteln, quaddeln, blasen an, blaue flecken, gebrochen, gestürzt, ibuprofen,
        paracetamol, aspirin, antibiotikum, antibiotika, medizin, pillen, eingeatmet, einatmen,
        geschluckt, schlucken, vergiften, giftig, atmen, luft mehr, schlecht geworden, mir ist
        schlecht, unwohl, krank geworden, krankheit, krebs, operation, genäht, kopfschmerzen,
        migräne, bauchschmerzen, bauchweh, durchfall, blutdruck, mein herz, depression,
        depressiv, panikattacke, krankenschwester, sanitäter, erste hilfe, stromschlag,
        verbrüht, im auge, in die augen, zusammengebrochen, geschwollen, schwellung, tut weh,
        weh getan, verletzen, allergiker, keine luft, brennen die augen, augen brennen, =wunde,
        =wunden, stillzeit, verstaucht, gehirnerschütterung, taub, gelähmt, brandwunde,
        brandblasen, rettungsdienst""",
        unless="""allergisch gegen werbung, arztkittel, arzt kostüm, schmerzlos, herzinfarkt
            wenn ich, arztkoffer, herzlich, herzlichen, von herzen, im auge behalten,
            atmungsaktiv, kinderarztkoffer, sich selbst übergeben, übergeben werden, paket
            übergeben, taubenblau, wunder punkt""",
    ),
    stuck=meaning(
        """hilft nicht, hilft mir nicht, hat nicht geholfen, nicht geholfen, hilft nichts, geht
        immer noch nicht, immer noch nicht, funktioniert immer noch, geht nicht, geht trotzdem
        nicht, wie gesagt, wie schon gesagt, habe ich schon gesagt, schon gesagt, schon
        versucht, schon probiert, schon gemacht, bereits gesagt, bereits versucht, verstehen
        nicht, verstehst nicht, verstehen mich nicht, verstehst mich nicht, nicht meine frage,
        nicht gefragt, war nicht die frage, wieder dasselbe, schon wieder, gleiche antwort,
        dieselbe antwort, nochmal, noch einmal, ich wiederhole, falsche antwort, das ist falsch""",
        unless="noch einmal bestellen, nochmal bestellen, nochmals danke",
    ),
    feelings={
        -3: """frechheit, unverschämt, unverschämtheit, stinksauer, wütend, wut, sauer, empört,
            empörend, lächerlich, saftladen, sauladen, katastrophe, katastrophal, unmöglich, es
            reicht, schnauze voll, nase voll, nie wieder, nervt, genervt, mist, scheiß,
            scheiße, scheisse, verarschen, verarscht, verarsche, betrogen, betrug, abzocke,
            abzocker, betrüger, lügner, gelogen, verlogen, unfähig, inkompetent, idiot,
            idioten, schrott, müll service, unter aller sau, zum kotzen, kotzt, inakzeptabel,
            unzumutbar, skandal, miserabel, grauenhaft, ist furchtbar, war furchtbar,
            =furchtbarer, =furchtbare, =furchtbares, schrecklich, schlechtester, schlechteste,
            schlechten service noch nie, zeitverschwendung, geldverschwendung, geht gar nicht,
            dreist, blamabel, peinlich, hasse, verdammt, nicht zufrieden, unfassbar, keine
            geduld, geduld verloren, geduld am ende, am ende mit meiner geduld, unter aller
            kanone, unglaublich schlecht, was erlauben sie, was fällt ihnen, wollen sie mich,
            für dumm, für blöd, veräppeln, diebe, diebstahl, klauen, geklaut, belogen, lüge,
            lügen, irreführung, getäuscht, täuschung, unterirdisch, grottig, grottenschlecht,
            ekelhaft, widerlich, abartig, dumm, blöd, blöder, bescheuert, schwachsinn,
            schwachsinnig, blödsinn, quatsch, rausgeschmissenes geld, geld weg, das
            allerletzte, das letzte, verlieren mich als, hinhalten, hingehalten, respektlos,
            unmenschlich, rücksichtslos, kotzen, zum heulen, platzt der kragen, auf die palme,
            macht mich wahnsinnig, treibt mich in den wahnsinn, spinnt ihr, spinnen sie, danke
            für nichts, verdorben, ruiniert, völlig egal, ganz egal, ihnen egal, euch egal,
            chaos, chaotisch, saustall, zumutung, hammer ist das, albtraum, alptraum, fehlen
            die worte, genug von, ich habe genug, am ende, verschwenden meine zeit, wie man
            kunden""",
        -2: """enttäuscht, enttäuschend, enttäuschung, frustriert, frustrierend, ärgerlich,
            ärgert, verärgert, unzufrieden, schlechter service, schlechten service, niemand
            antwortet, keine antwort, ignoriert, unglaublich, unprofessionell, unfreundlich,
            nichts funktioniert, wie lange noch, ungeduldig, bereue, dritte mal, vierte mal,
            immer wieder, seit wochen, immer noch keine, noch immer keine, keine reaktion,
            keine rückmeldung, im stich gelassen, schlampig, minderwertig, billige qualität,
            hoffnungslos, ahnungslos, kann nicht sein, darf nicht wahr sein, nicht akzeptabel,
            nicht in ordnung, unfair, stört mich, ungenügend, nie erreichbar, unmut, traurig
            dass, schockiert, schlimmer, satt, ernsthaft, noch eine woche, wertlos, nutzlos,
            nicht hilfreich, vertrauen verloren, nicht empfehlen, nie empfehlen, finger weg,
            mehr als genervt""",
        -1: """kaputt, verspätet, verspätung, falsch, problem, fehler, schlecht, langsam,
            defekt, beschädigt, fehlt, beschwerde, funktioniert nicht, geht nicht, gefällt
            nicht""",
        1: "bitte, gern, gerne, tut mir leid, kein problem, geht es jetzt",
        2: """danke, dank, super, gut, toll, prima, perfekt, zufrieden, freue, freut, schön,
            klasse, hervorragend, bestens, hilfreich, ausgezeichnet""",
    },
    no_feelings="""mistgabel, apfelsaft, saure apfel, saure gurken, saure sahne,
        katastrophenschutz, katastrophenschutz set, im schlimmsten fall, nicht schlecht, saure,
        letzte mal habe, das letzte exemplar, im notfall, im zweifel, nicht dumm, dumm gefragt""",
)
