"""Spanish. `=hablé` is the past only, whose stem is that of *hablar*."""

from __future__ import annotations

from bridge.triggers.lexicons.shape import Lexicon, meaning, reaching

ES = Lexicon(
    common="""el, la, los, las, un, una, unos, unas, y, o, pero, es, son, era, ser, esta,
        estan, yo, tu, usted, ustedes, ella, nosotros, ellos, mi, mis, su, sus, nuestro, este,
        esto, esa, ese, eso, de, del, a, al, en, para, por, con, sin, sobre, no, que, cuando,
        donde, porque, como, puedo, puede, pueden, he, ha, han, tiene, tienen, tengo, si, se,
        me, lo, le, les, muy, hay, ya, cual, quiero, estoy, mas""",
    denials="no, nunca, jamas, sin, nada, ningun, ninguna, ni, tampoco",
    human=reaching(
        """hablar con, hablar directamente con, conversar con, chatear con, páseme con, pásame
        con, pasarme con, comuníqueme con, comunícame con, comunicarme con, conécteme con,
        contactar con, póngame con, tratarlo con, transfiérame a, transferir a, me atienda,
        atiéndame, contacto con, contacto directamente con, contactar directamente con, llamar
        a, comunicarme, hablar directamente, déjeme hablar con, quiero que me atienda, que me
        ponga con, pásame a, páseme a, ser atendido por, atendido por, ayuda de, escribir a,
        derívame a, derive a""",
        """persona, humano, humana, alguien, agente, asesor, asesora, operador, operadora,
        representante, encargado, encargada, supervisor, jefe, compañero, atención al cliente,
        servicio al cliente, ser humano, empleado, equipo, su jefe, tu jefe, gerente, director,
        responsable, técnico, especialista, su equipo, alguien de verdad, alguien real,
        soporte, servicio técnico, trabajador, dependiente, jefa, teleoperador, alguno de los
        suyos, alguien de ustedes, uno de los suyos, responsable de tienda""",
        """persona real, persona de verdad, humano real, ser humano, agente humano, asesor
        humano, humano por favor, persona por favor, quiero un humano, quiero un agente, quiero
        una persona, necesito un humano, necesito un agente, necesito un asesor, quisiera un
        asesor, quiero un asesor, quiero un operador, alguien con quien … hablar, alguien …
        llamarme, alguien … me llame, me puede llamar un, me puede llamar alguien, me llame
        alguien, que me llame, hay alguien ahí, hay alguien, no quiero hablar con un robot, no
        quiero un robot, hablar con un robot, en vez de un robot, no quiero hablar con una
        máquina, ayuda humana, me llamara alguien, alguien por teléfono, llámenme, llámeme, que
        me llamen, me pueden llamar, me puede llamar, pueden llamarme, puede llamarme, empleado
        que me, alguien me contacte, alguien que me ayude, alguien me puede ayudar, alguien me
        ayude, alguien puede ayudarme, alguien que pueda ayudarme, un humano, una persona de
        carne, basta de bot, no más bot, harto del bot, harta del bot, no quiero bot, no quiero
        un bot, no quiero hablar con un bot, eres un robot, eres un bot, es un robot, necesito
        una persona, necesito ayuda humana, número de atención, teléfono de atención al
        cliente, teléfono de soporte, alguno de los suyos, algún humano, lee … humano, llamarme
        su equipo, podría llamarme, podrían llamarme, me llamen, hay un humano, hay alguna
        persona, persona en concreto, alguien de su, alguien ahí, alguien real, en persona, de
        viva voz, cara a cara""",
        unless="""no necesito hablar, no hace falta hablar, no quiero hablar con nadie, no
            quiero hablar con una persona, no quiero hablar con un agente, recursos humanos,
            agente de viajes, agente limpiador, agente inmobiliario, cuerpo humano, =hablé,
            =hablamos, hablar con el altavoz, mi jefe, nuestro encargado, no me llamen""",
        alone="""agente, humano, persona, asesor, operador, operadora, atención al cliente,
            representante, soporte, un agente, un humano, una persona, supervisor, persona real""",
    ),
    legal=meaning(
        """mi abogado, mi abogada, un abogado, nuestro abogado, abogados, denunciar,
        denunciarlos, denunciarles, denuncia, tribunal, tribunales, demandar, demandarlos,
        demandarles, demanda contra, demanda judicial, una demanda, poner una reclamación, hoja
        de reclamaciones, reclamación en consumo, oficina del consumidor, consumidores, facua,
        rgpd, protección de datos, acciones legales, vía judicial, judicial, juicio, juzgado,
        querella, burofax, incumplimiento de contrato, fraude, policía, guardia civil, daños y
        perjuicios, =legalmente, requerimiento, profeco, fiscalía, autoridades, autoridad, mi
        cliente reclama, me reservo el derecho, mis derechos, derechos del consumidor, según la
        ley, por ley, ilegal, ilegales, delito, infracción, infringe, indemnización,
        indemnizar, compensación, arbitraje, mediación, borrar mis datos, borren mis datos,
        borrado de mis datos, derecho al olvido, agencia de protección, reclamación formal,
        reclamación oficial, denunciado, denunciaré, denuncio, demandado, demandaré, cláusula
        abusiva, garantía legal, notario, responsabilidad legal, juez, sentencia, pleito,
        propiedad intelectual, por escrito y certificado, condusef, indecopi, sernac, omic,
        contra la ley, infringen, infringir, vulneran, incumplen, derechos como consumidor, mis
        abogados, juzgados, exigiremos""",
        unless="""mucha demanda, demanda de este, disfraz de policía, en mi juicio, a mi
            juicio, aguacate … abogado, calle tribunal, libros de derecho, a la derecha,
            denunciado perdido, mi cliente está encantado, calle abogados, calle … abogados""",
    ),
    medical=meaning(
        """sarpullido, erupción, alérgica, alérgico, alergia, dolor de, dolores, duele, sangre,
        sangra, tragó, tragado, se ahoga, embarazada, embarazo, lactancia, hospital, urgencias,
        ambulancia, médico, doctora, doctor, herido, herida, lesión, quemé, quemadura, quemado,
        desmayó, desmayé, inconsciente, convulsión, mareo, vómito, vomitó, náuseas, fiebre,
        infección, sobredosis, posología, dosis, efecto secundario, efectos secundarios, receta
        médica, medicamento, medicina, pastillas, comprimidos, asma, diabetes, diabético,
        epilepsia, marcapasos, infarto, ictus, suicidio, suicidarme, no quiero vivir, matarme,
        envenenado, intoxicación, síntoma, diagnóstico, terapia, vomita, vomitar, vomitando,
        =corté, me corte, pica la piel, picor, picazón, mi piel, la piel, ronchas, urticaria,
        ampollas, moretón, rompí el brazo, rompí la pierna, me caí, se cayó, ibuprofeno,
        paracetamol, aspirina, antibiótico, píldora, inhaló, inhalado, respirar, me ahogo,
        veneno, malestar, mareado, mareada, me siento mal, se siente mal, enfermo, enferma,
        enfermedad, cáncer, una operación quirúrgica, cirugía, puntos de sutura, jaqueca,
        migraña, diarrea, presión arterial, tensión alta, mi corazón, depresión, deprimido,
        ataque de pánico, ansiedad, enfermera, clínica, primeros auxilios, descarga eléctrica,
        me electrocuté, en el ojo, mi ojo, en los ojos, mis ojos, hinchado, hinchada,
        hinchazón, irritación, alergia a, arden los ojos, me arde, me arden, escuecen, escuece,
        esguince, conmoción, entumecido, paralizado, ambulancias""",
        unless="""bata de médico, disfraz de médico, dolor de cabeza este, alergia las fundas,
            pastillas de freno, maletín de médico, recogerlo, de corazón, piel sintética, sofá
            de piel, bolso de piel, ojo con, se cayó la app, se cayó el sistema, se cayó la
            página, punto doloroso""",
    ),
    stuck=meaning(
        """no me ayuda, no ayuda, no me sirve, no sirve, no me ayudó, sigue sin, sigue igual,
        sigue fallando, todavía no, aún no funciona, no funciona, como dije, como ya dije, como
        le dije, ya dije, ya lo dije, ya se lo dije, ya te dije, ya lo intenté, ya lo probé, ya
        lo hice, ya probé eso, no me entiende, no me entiendes, no entiendes, no entiende, no
        es mi pregunta, no era mi pregunta, no es lo que pregunté, no respondió, otra vez lo
        mismo, otra vez, la misma respuesta, lo mismo, mismo problema, repito, de nuevo,
        respuesta equivocada""",
        unless="otra vez gracias, de nuevo gracias, gracias de nuevo",
    ),
    feelings={
        -3: """inaceptable, inadmisible, furioso, furiosa, enfadado, enfadada, enojado,
            enojada, indignado, indignada, indignante, harto, harta, hartos, vergüenza,
            vergonzoso, tomando el pelo, tomadura de pelo, tomar el pelo, =porquería,
            =porqueria, estafa, fraude, estafadores, estafado, ladrones, mentirosos, mentira,
            mienten, peor servicio, peor empresa, peor experiencia, nunca más, no vuelvo a,
            pone de los nervios, de los nervios, asco, asqueroso, mierda, joder, puta, =coño,
            carajo, idiotas, estúpidos, inútil, inútiles, incompetentes, ridículo, lamentable,
            patético, basura, horrible, pésimo, pésima, fatal, desastre, escándalo, de una vez,
            basta ya, ya basta, pérdida de tiempo, odio, burla, insulto, no contento, nada
            contento, nada contenta, no satisfecho, perdiendo la paciencia, perdí la paciencia,
            pierdo la paciencia, robo, un robo, me robaron, ladrón, mentiroso, mentiras,
            engaño, engañado, engañada, engañan, =timo, timadores, de pena, penoso, penosa,
            indignación, intolerable, impresentable, impresentables, sinvergüenza,
            sinvergüenzas, caraduras, incompetente, idiota, estúpido, estúpida, imbécil,
            tontos, tontería, tonterías, absurdo, ridícula, una burla, se burlan, cabreado,
            cabreada, cabreo, cojones, hostia, me vuelve loco, me vuelve loca, me saca de
            quicio, hasta las narices, hasta el gorro, jamás vuelvo, no volveré, perder el
            tiempo, dinero tirado, tirar el dinero, vergonzosa, insultante, falta de vergüenza,
            pésimos, gracias por nada, arruinado, arruinaron, les da igual, les dan igual,
            importan un, desastroso, caos, pesadilla, no tengo palabras, me tienen harto, ya
            estoy harto, perder mi tiempo, tratan a los clientes, qué mal, tan mal, qué horror""",
        -2: """decepcionado, decepcionada, decepcionante, decepción, frustrado, frustrada,
            frustrante, descontento, insatisfecho, mal servicio, mala atención, sin respuesta,
            nadie responde, nadie contesta, ninguna respuesta, ignoran, increíble, falta de
            respeto, poco profesional, nada funciona, nada funcione, cuánto más, maleducado,
            arrepiento, tercera vez, cuarta vez, una y otra vez, desde hace semanas, llevo
            semanas, sigo sin respuesta, sin noticias, nada todavía, abandonado, chapuza, mala
            calidad, pésima calidad, no puede ser, no es normal, no es aceptable, no es serio,
            injusto, cansado de, cansada de, agotado, agotada, preocupante, triste de ver,
            impactado, molestia que, fastidio, fastidiado, =molesto, =molesta con, otra semana,
            en serio, sin valor, no sirven, perdí la confianza, no recomiendo, no lo
            recomiendo, más que molesto""",
        -1: """roto, retraso, tarde, equivocado, problema, error, malo, lento, defectuoso,
            dañado, falta, queja, no funciona, lamentablemente, desgraciadamente""",
        1: "por favor, perdón, disculpe, ningún problema, ya funciona, no es grave",
        2: """gracias, genial, bien, bueno, perfecto, excelente, contento, contenta,
            satisfecho, satisfecha, feliz, estupendo, encantado, jaja, amable""",
    },
    no_feelings="""peor de los casos, asco o alergia, nada mal, furia en la carretera, mad max,
        salsa brava, no me quejo, última vez que, peor de, no es para tanto, corazón de, tonto
        de mí""",
)
