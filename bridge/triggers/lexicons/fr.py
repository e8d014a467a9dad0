"""French. What is elided is a word of its own: *l'avocat* is `l avocat`."""

from __future__ import annotations

from bridge.triggers.lexicons.shape import Lexicon, meaning, reaching

FR = Lexicon(
    common="""le, la, les, un, une, des, du, de, d, l, et, ou, mais, est, sont, etait, etre,
        je, j, tu, il, elle, on, nous, vous, ils, mon, ma, mes, votre, vos, notre, nos, son,
        sa, ses, ce, cet, cette, ces, c, a, au, aux, en, dans, pour, par, avec, sur, ne, n,
        pas, que, qu, qui, quand, pourquoi, comment, peux, puis, ai, avez, suis, plus, si, s,
        m, me, moi, y, tout, tres, svp, quel, quelle""",
    denials="pas, jamais, sans, aucun, aucune, rien, ni, guere",
    human=reaching(
        """parler à, parler avec, parler directement à, discuter avec, échanger avec, passez
        moi, passe moi, mettez moi en relation avec, mettre en relation avec, mettez moi en
        contact avec, joindre, transférez moi à, transférer à, contacter, traiter avec, puis je
        avoir, pourrais je avoir, aimerais avoir, voudrais avoir, joindre directement,
        téléphoner à, écrire à, parler directement avec, laissez moi parler à, laissez moi
        discuter avec, être mis en relation avec, être rappelé par, rappelé par, aide d, l aide
        d, échange avec, comment joindre, transfert vers, dirigez moi vers""",
        """humain, personne, quelqu un, agent, conseiller, conseillère, opérateur, responsable,
        supérieur, collègue, service client, employé, être humain, interlocuteur, gens, un
        vrai, une vraie, votre équipe, votre chef, chef, patron, directeur, manager,
        technicien, spécialiste, votre service, quelqu un au téléphone, vraie conseillère, vrai
        humain, une vraie personne, support, assistance téléphonique, votre supérieur, gérant,
        vos collaborateurs, un de vos collaborateurs, quelqu un de chez vous, responsable de
        magasin""",
        """vraie personne, vrai humain, vrai conseiller, vrai agent, être humain, un humain s
        il, humain svp, humain s il vous plaît, besoin d un humain, veux un humain, besoin d un
        conseiller, veux un conseiller, besoin d un agent, veux un agent, demande votre
        responsable, veux votre responsable, demande un responsable, quelqu un à qui … parler,
        quelqu un … me rappeler, collègue … me rappeler, conseiller … me rappeler, rappelez
        moi, quelqu un de votre équipe, quelqu un de chez vous, il y a quelqu un, y a t il
        quelqu un, personne réelle, pas parler à un robot, pas parler à une machine, pas à un
        robot, pas de robot, plutôt qu un robot, aide humaine, quelqu un au téléphone, parler à
        votre chef, joindre … équipe, appelez moi, me téléphoner, me rappeler, rappel
        téléphonique, être rappelé, employé de me contacter, quelqu un me contacte, que quelqu
        un … contacte, quelqu un pour m aider, quelqu un peut m aider, quelqu un qui puisse m
        aider, assez du bot, marre du bot, marre de ce bot, plus de bot, un humain, un être
        humain, une personne en chair, pas un bot, pas de bot, êtes vous un robot, es tu un
        robot, vous êtes un robot, je veux une personne, besoin d une personne, besoin d aide
        humaine, service humain, numéro du service client, numéro du support, vos
        collaborateurs, un interlocuteur, un humain lit, humain qui lit, équipe … m appeler, m
        appeler, vrai interlocuteur, quelqu un de réel, il y a un humain, y a t il un humain,
        quelqu un pour, quelqu un ici, de vive voix""",
        unless="""pas besoin de parler, pas besoin d un conseiller, pas besoin d un humain,
            ressources humaines, agent immobilier, agent nettoyant, agent de voyage, ai parlé,
            avons parlé, a parlé, quelqu un d autre, corps humain, ne veux pas parler à un
            humain, ne veux pas parler à un conseiller, ne veux pas parler à quelqu un, parler
            à l enceinte, un humain de grande taille, quelqu un peut me dire, appelez pas,
            mannequin humain""",
        alone="""conseiller, humain, agent, opérateur, service client, un conseiller, un
            humain, personne, humain svp, conseiller svp, un agent, support, responsable, vraie
            personne""",
    ),
    legal=meaning(
        """mon avocat, un avocat, notre avocat, avocats, avocate, juriste, porter plainte,
        porte plainte, porterai plainte, dépose plainte, déposer plainte, plainte contre,
        tribunal, tribunaux, mise en demeure, mets en demeure, mettre en demeure, rgpd, cnil,
        saisir la justice, en justice, justice, poursuites, poursuivre en, poursuites
        judiciaires, action judiciaire, judiciaire, dgccrf, répression des fraudes,
        escroquerie, fraude, police, gendarmerie, association de consommateurs, ufc que
        choisir, médiateur, rupture de contrat, dommages et intérêts, droit de la consommation,
        huissier, procès, code de la consommation, recours légal, légalement, voie légale,
        autorités, me réserve le droit, mes droits, agir en justice, recours juridique, voie de
        recours, illégal, illégale, contraire à la loi, infraction, =délit, plainte pour, vol
        et, protection des données, droit d accès, droit à l oubli, effacement de mes données,
        supprimer mes données, réclamation officielle, dédommagement, indemnisation, préjudice,
        responsabilité légale, responsable légalement, jugement, juge, conciliateur,
        contrefaçon, droit d auteur, notaire, clause abusive, vice caché, garantie légale,
        rétractation, tribunal de commerce, enfreignez, enfreindre, violez la loi, informatique
        et libertés, droits de consommateur, consommateur, mandatés, mandaté, réparation devant""",
        unless="""avocat de votre salade, avocat bio, avocats bio, déguisement de police,
            avocat mûr, est ce juste, rue du tribunal, place du tribunal, livres de droit, à
            droite, juge du match, mon client a adoré, rue des avocats, rue … avocats""",
    ),
    medical=meaning(
        """plaques rouges, éruption, allergique, allergie, mal à la poitrine, mal au ventre,
        mal à la tête, mal au cœur, douleur, douleurs, saigne, sang, avalé, étouffé, enceinte,
        grossesse, allaite, hôpital, urgences, ambulance, samu, médecin, blessé, blessure,
        brûlé, brûlure, évanoui, évanouie, convulsion, vertige, vomi, nausée, fièvre,
        infection, surdose, posologie, =dose, effet secondaire, effets secondaires, ordonnance,
        médicament, comprimé, comprimés, gélule, asthme, asthmatique, diabète, diabétique,
        épilepsie, pacemaker, crise cardiaque, infarctus, avc, suicide, suicider, envie de
        vivre, me tuer, en finir, empoisonné, intoxication, symptôme, diagnostic, thérapie,
        vomit, vomir, coupé, coupée, démange, démangeaison, démangeaisons, ma peau, boutons
        rouges, urticaire, cloques, cassé le bras, cassé la jambe, tombé, ibuprofène,
        paracétamol, aspirine, doliprane, antibiotique, pilule, inhalé, respirer, étouffe,
        poison, malaise, suis malade, est malade, rendu malade, tombé malade, maladie, cancer,
        opération, plaie, points de suture, maux de tête, migraine, mal de ventre, diarrhée,
        tension artérielle, cœur fragile, dépression, déprimé, crise d angoisse, infirmière,
        clinique, premiers secours, électrocuté, décharge électrique, ébouillanté, mon œil,
        dans l œil, aux yeux, dans les yeux, mes yeux, gonflé, gonflement, fait mal, mal
        partout, allergie aux, yeux qui brûlent, yeux brûlent, me brûle, brûle les, foulé,
        entorse, commotion, engourdi, paralysé, secours, allaitement""",
        unless="""malade de rire, docteur pour enfant, mallette de docteur, à petite =dose,
            mallette de médecin, coup d œil, peau de pêche, bouton de, boutons de la, tombé en
            panne, tombée en panne, malade mental, tombé amoureux, parler à l enceinte,
            enceinte bluetooth, enceinte connectée, l enceinte, une enceinte, durée de
            combustion, brûle parfum, brûle graisse""",
    ),
    stuck=meaning(
        """n aide pas, m aide pas, n a pas aidé, pas aidé, ne marche toujours pas, marche
        toujours pas, toujours pas, ne fonctionne toujours pas, ça ne marche pas, ne marche
        pas, comme je l ai dit, comme j ai dit, comme je disais, je l ai déjà, déjà dit, déjà
        essayé, déjà fait, déjà expliqué, vous ne comprenez pas, tu ne comprends pas, comprenez
        pas, pas ma question, pas ce que j ai demandé, pas répondu, encore la même, toujours la
        même, même réponse, même problème, je répète, une fois de plus, mauvaise réponse,
        encore une fois""",
        unless="",
    ),
    feelings={
        -3: """inadmissible, inacceptable, furieux, furieuse, en colère, scandaleux,
            scandaleuse, scandale, honte, honteux, marre, ras le bol, n importe quoi, moquez
            de, moquer de moi, fous de moi, foutez de, arnaque, arnaqueur, escroc, voleurs,
            menteurs, menti, pire service, pire entreprise, pire expérience, nul, nulle,
            nullissime, plus jamais, jamais plus, énerve, énervé, énervée, merde, putain,
            bordel, connard, =con, débile, idiot, imbécile, incompétent, incompétents,
            lamentable, minable, pitoyable, ridicule, dégueulasse, dégoûté, dégoûtant,
            honteusement, escroquerie, fraude, insupportable, exaspéré, excédé, ça suffit,
            perte de temps, catastrophe, catastrophique, horrible, affreux, déteste, pas
            contente, pas content, pas du tout content, pas du tout contente, pas satisfait,
            pas satisfaite, insulte, perdre patience, perdu patience, perds patience, à bout,
            en dessous de tout, incapable, incapables, c est du vol, vol manifeste, volé,
            escrocs, voleur, mensonge, mensonges, mentez, tromperie, trompé, trompée, foutage
            de gueule, gueule, chier, emmerde, emmerdez, honteuse, indigne, indigné, indignée,
            intolérable, révoltant, écœuré, écœurant, abject, stupide, idiots, crétins, bêtise,
            absurde, jamais je ne, plus un centime, argent par les fenêtres, foutu, foutue,
            insultant, méprisant, mépris, m a rendu fou, me rend fou, me rend folle, hors de
            moi, merci pour rien, gâché, ruiné, fichez des, fiche des, fichez de, désastre,
            désastreux, cauchemar, chaos, bazar, pas de mots, se fout de, vous en foutez,
            perdre mon temps, perdez mon temps, assez de vos, j en ai assez, traitez les
            clients, honte à vous""",
        -2: """déçu, déçue, décevant, déception, frustré, frustrée, frustrant, agacé, agaçant,
            mécontent, mécontente, insatisfait, mauvais service, sans réponse, personne ne
            répond, aucune réponse, ignoré, incroyable, irrespectueux, pas professionnel, rien
            ne marche, rien ne fonctionne, combien de temps encore, abusé, sérieusement,
            regrette, troisième fois, quatrième fois, depuis des semaines, encore et encore,
            toujours rien, aucune nouvelle, lâché, abandonné, bâclé, mauvaise qualité, piètre,
            désespérant, pas normal, pas acceptable, pas sérieux, injuste, pénible, lassé,
            lassant, fatigué de, fatiguée de, choqué, choquée, choquant, inquiétant, triste de
            voir, encore une semaine, inutile, inutiles, sans valeur, perdu confiance,
            confiance perdue, déconseille, ne recommande pas, à fuir, plus qu agacé""",
        -1: """cassé, retard, problème, erreur, mauvais, lent, défectueux, abîmé, manque,
            réclamation, ne marche pas, ne fonctionne pas, malheureusement, faux""",
        1: "merci de, désolé, svp, pas de problème, ça marche maintenant, pas grave",
        2: """merci, super, parfait, bien, excellent, génial, géniale, content, contente,
            satisfait, satisfaite, ravi, bravo, top, formidable, agréable""",
    },
    no_feelings="""match nul, les furieux, au pire, pas mal, un peu sale, pas nul, plus jamais
        de problème, vol direct, vol retour, mon vol, dernière fois que, un peu stupide, bande
        de tissu, bande adhésive""",
)
