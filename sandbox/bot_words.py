"""What the shop's assistant understands and says, in four languages."""

import re
from dataclasses import dataclass
from types import MappingProxyType

LANGUAGES = ("en", "fr", "de", "es")

HUMAN = re.compile(
    r"\b(human|real person|somebody real|agent|representative|customer (?:service|support)|"
    r"(?:talk|speak) (?:to|with) (?:a |some)?(?:one|body|person))\b"
    r"|\b(humain|vraie personne|conseill(?:er|ère)|parler (?:à|avec) (?:quelqu|une personne))"
    r"|\b(mensch(?:en)?|mitarbeiter(?:in)?|echte person|berater(?:in)?|"
    r"mit jemandem (?:sprechen|reden))\b"
    r"|\b(humano|persona real|hablar con (?:alguien|una persona|un agente)|agente|asesora?)\b",
    re.IGNORECASE,
)
ORDER = re.compile(r"(?:#|\b)(\d{4,6})\b")
SHIPMENT = re.compile(
    r"\b(order|parcel|package|deliver\w*|shipment|track\w*|courier|commande|colis|livraison|"
    r"bestellung|paket|lieferung|pedido|paquete|env[ií]o)\b",
    re.IGNORECASE,
)
INVOICE = re.compile(r"\b(invoice|receipt|facture|rechnung|factura)\b", re.IGNORECASE)
HOURS = re.compile(
    r"\b(open(?:ing)?|hours?|closed?|horaires?|ouverts?|öffnungszeiten|geöffnet|horarios?|"
    r"abiertos?)\b",
    re.IGNORECASE,
)
RETURNS = re.compile(
    r"\b(returns?|refunds?|exchange|send (?:it )?back|retours?|rembours\w*|rückgabe|erstattung|"
    r"zurückschicken|umtausch|devoluci[oó]n|reembolso|devolver)\b",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^\W*(hi|hello|hey|good (?:morning|afternoon|evening)|bonjour|salut|hallo|"
    r"guten (?:tag|morgen)|hola|buenos d[ií]as|buenas)\b",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"\b(thanks?|thank you|cheers|merci|danke|gracias|perfect|great)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Status:
    """An order's state by language; the shop's pages say the same."""

    en: str
    fr: str
    de: str
    es: str


ORDERS = MappingProxyType(
    {
        "1007": Status(
            "Order 1007 was delivered to your door twelve days ago.",
            "La commande 1007 a été livrée à votre porte il y a douze jours.",
            "Bestellung 1007 wurde vor zwölf Tagen an Ihre Tür geliefert.",
            "El pedido 1007 se entregó en su puerta hace doce días.",
        ),
        "1008": Status(
            "Order 1008 was delivered five days ago: left with your neighbour at number 12.",
            "La commande 1008 a été livrée il y a cinq jours, chez votre voisin au numéro 12.",
            "Bestellung 1008 wurde vor fünf Tagen bei Ihrem Nachbarn in Nummer 12 abgegeben.",
            "El pedido 1008 se entregó hace cinco días a su vecino del número 12.",
        ),
        "1009": Status(
            "Order 1009 is with the courier, who reports a delay at the depot. "
            "It should reach you in two days.",
            "La commande 1009 est chez le transporteur, qui signale un retard au dépôt. "
            "Elle devrait arriver dans deux jours.",
            "Bestellung 1009 ist beim Kurier, der eine Verzögerung im Depot meldet. "
            "Sie sollte in zwei Tagen bei Ihnen sein.",
            "El pedido 1009 está con el mensajero, que avisa de un retraso en el almacén. "
            "Debería llegar en dos días.",
        ),
        "1010": Status(
            "Order 1010 was handed to the courier yesterday and should arrive tomorrow.",
            "La commande 1010 a été remise au transporteur hier et devrait arriver demain.",
            "Bestellung 1010 ging gestern an den Kurier und sollte morgen ankommen.",
            "El pedido 1010 se entregó ayer al mensajero y debería llegar mañana.",
        ),
        "1011": Status(
            "Order 1011 is being packed and leaves our warehouse today: about three days to you.",
            "La commande 1011 est en préparation et part aujourd’hui\u00a0: environ trois jours.",
            "Bestellung 1011 wird gepackt und verlässt heute unser Lager: etwa drei Tage.",
            "El pedido 1011 se está preparando y sale hoy del almacén: unos tres días.",
        ),
        "1012": Status(
            "Order 1012 was placed today. We start packing tomorrow morning: about four days.",
            "La commande 1012 a été passée aujourd’hui\u202f; préparation demain, environ quatre "
            "jours.",
            "Bestellung 1012 ging heute ein. Wir packen morgen früh: etwa vier Tage.",
            "El pedido 1012 se hizo hoy. Empezamos a prepararlo mañana: unos cuatro días.",
        ),
    }
)

TEXTS: MappingProxyType[str, Status] = MappingProxyType(
    {
        "hello": Status(
            "Hello! I can tell you where an order is, when we are open and how returns work.",
            "Bonjour\u202f! Je peux suivre une commande, donner nos horaires et expliquer les "
            "retours.",
            "Hallo! Ich weiß, wo Bestellungen sind, wann wir öffnen und wie Rückgaben gehen.",
            "¡Hola! Puedo decirle dónde está un pedido, el horario y cómo devolver algo.",
        ),
        "thanks": Status(
            "You are welcome! Is there anything else?",
            "Avec plaisir\u202f! Autre chose\u202f?",
            "Gern geschehen! Kann ich sonst noch helfen?",
            "¡De nada! ¿Algo más?",
        ),
        "hours": Status(
            "Our team is here Monday to Saturday, 9:00 to 18:00. I am here around the clock.",
            "Notre équipe est là du lundi au samedi, de 9 h à 18 h. Moi, à toute heure.",
            "Unser Team ist Montag bis Samstag von 9 bis 18 Uhr da. Ich bin es rund um die Uhr.",
            "Nuestro equipo atiende de lunes a sábado, de 9:00 a 18:00. Yo, a todas horas.",
        ),
        "returns": Status(
            "You can send anything unused back within 30 days, free of charge. The refund takes "
            "three to five days after it reaches us.",
            "Tout article non utilisé peut être renvoyé gratuitement sous 30 jours. Le "
            "remboursement prend trois à cinq jours après réception.",
            "Unbenutztes können Sie 30 Tage lang kostenlos zurückschicken. Die Erstattung dauert "
            "nach Eingang drei bis fünf Tage.",
            "Puede devolver gratis lo que no haya usado durante 30 días. El reembolso tarda de "
            "tres a cinco días desde que lo recibimos.",
        ),
        "which": Status(
            "Which order is it? Its number is in your confirmation, for example 1009.",
            "De quelle commande s’agit-il\u202f? Son numéro est dans la confirmation, par exemple "
            "1009.",
            "Um welche Bestellung geht es? Die Nummer steht in der Bestätigung, zum Beispiel 1009.",
            "¿Qué pedido es? El número está en la confirmación, por ejemplo 1009.",
        ),
        "unknown_order": Status(
            "I cannot find order {number}. Please check the number in your confirmation.",
            "Je ne trouve pas la commande {number}. Vérifiez le numéro dans la confirmation.",
            "Ich finde die Bestellung {number} nicht. Bitte prüfen Sie die Nummer.",
            "No encuentro el pedido {number}. Revise el número en la confirmación.",
        ),
        "fetching": Status(
            "One moment, I am fetching the invoice.",
            "Un instant, je cherche la facture.",
            "Einen Moment, ich hole die Rechnung.",
            "Un momento, busco la factura.",
        ),
        "invoice": Status(
            "The invoice is on its way to your e-mail address.",
            "La facture est en route vers votre adresse e-mail.",
            "Die Rechnung ist unterwegs an Ihre E-Mail-Adresse.",
            "La factura va de camino a su correo.",
        ),
        "lost": Status(
            "I am not sure I understand. I know about orders, opening hours and returns; for "
            "anything else I can get a human.",
            "Je ne suis pas sûr de comprendre. Je connais les commandes, les horaires et les "
            "retours\u202f; sinon, je peux appeler un humain.",
            "Das habe ich nicht verstanden. Ich kenne Bestellungen, Öffnungszeiten und Rückgaben; "
            "sonst hole ich einen Menschen.",
            "No estoy seguro de entender. Sé de pedidos, horarios y devoluciones; para lo demás "
            "puedo llamar a una persona.",
        ),
        "told": Status(
            "{agent} told you: “{said}”",
            "{agent} vous a dit\u00a0: «\u00a0{said}\u00a0»",
            "{agent} hat Ihnen gesagt: „{said}“",
            "{agent} le dijo: «{said}»",
        ),
        "track": Status(
            "Where is order 1009?",
            "Où est la commande 1009\u202f?",
            "Wo ist Bestellung 1009?",
            "¿Dónde está el pedido 1009?",
        ),
        "human": Status(
            "I want a human",
            "Je veux parler à un humain",
            "Ich möchte einen Menschen",
            "Quiero hablar con una persona real",
        ),
    }
)

HINTS = MappingProxyType(
    {
        "fr": re.compile(
            r"\b(bonjour|salut|merci|je|où|commande|colis|humain|vous|mon|ma)\b", re.IGNORECASE
        ),
        "de": re.compile(
            r"\b(hallo|danke|ich|wo|bestellung|paket|mensch|bitte|mein)\b", re.IGNORECASE
        ),
        "es": re.compile(
            r"\b(hola|gracias|dónde|donde|pedido|paquete|humano|quiero|mi)\b", re.IGNORECASE
        ),
    }
)

TOPICS = (
    (RETURNS, "returns", ()),
    (HOURS, "hours", ()),
    (GREETING, "hello", ("track", "human")),
    (THANKS, "thanks", ()),
)
"""What is answered alike whoever asks: pattern, text, quick replies."""


def language(text: str, locale: str) -> str:
    """The language to answer in: of the words where they tell, else of the person's settings."""
    for code, hint in HINTS.items():
        if hint.search(text):
            return code
    code = locale[:2].lower()
    return code if code in LANGUAGES else "en"


def say(key: str, code: str, **values: str) -> str:
    """A text in that language."""
    text: str = getattr(TEXTS[key], code)
    return text.format(**values) if values else text


def order_status(number: str, code: str) -> str:
    """Where an order is."""
    status = ORDERS.get(number)
    if status is None:
        return say("unknown_order", code, number=number)
    text: str = getattr(status, code)
    return text
