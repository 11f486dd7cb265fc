"""What whoever writes to us by WhatsApp is answered, by code and language."""

from core.notifications.message import language

EXCERPT = 60  # characters of what somebody wrote, where the answer repeats it

ANSWERS = {
    "stopped": {
        "en": "You will get no more messages here. Write START to get them again.",
        "de": "Sie erhalten hier keine Nachrichten mehr. Schreiben Sie START, um wieder welche zu erhalten.",
        "es": "No recibirá más mensajes aquí. Escriba START para volver a recibirlos.",
        "ko": "이제 여기로 메시지를 보내지 않습니다. 다시 받으려면 START라고 보내 주세요.",
    },
    "started": {
        "en": "You will get messages here from now on. Write STOP to end them.",
        "de": "Sie erhalten hier ab jetzt Nachrichten. Schreiben Sie STOP, um sie zu beenden.",
        "es": "A partir de ahora recibirá mensajes aquí. Escriba STOP para dejar de recibirlos.",
        "ko": "이제부터 여기로 메시지를 보내 드립니다. 그만 받으려면 STOP이라고 보내 주세요.",
    },
    "help": {
        "en": "Reply to a message of ours, or begin with the number of a ticket: “INC-000123 ack” starts work, "
        "“INC-000123 done …” finishes it, any other text becomes a comment. STOP ends these messages.",
        "de": "Antworten Sie auf eine unserer Nachrichten oder beginnen Sie mit der Nummer eines Tickets: "
        "„INC-000123 ack“ beginnt die Arbeit, „INC-000123 done …“ schließt sie ab, jeder andere Text wird ein "
        "Kommentar. STOP beendet diese Nachrichten.",
        "es": "Responda a uno de nuestros mensajes o empiece por el número de un ticket: «INC-000123 ack» inicia el "
        "trabajo, «INC-000123 done …» lo termina y cualquier otro texto se añade como comentario. STOP pone fin a "
        "estos mensajes.",
        "ko": "저희 메시지에 답장하거나 티켓 번호로 시작해 주세요. “INC-000123 ack”는 작업을 시작하고, “INC-000123 "
        "done …”은 작업을 마치며, 그 밖의 글은 댓글이 됩니다. STOP은 메시지를 중단합니다.",
    },
    "which_ticket": {
        "en": "Which ticket is “{text}” about? Answer with its number, such as INC-000123.",
        "de": "Um welches Ticket geht es bei „{text}“? Antworten Sie mit der Nummer, zum Beispiel INC-000123.",
        "es": "¿A qué ticket se refiere «{text}»? Responda con su número, por ejemplo INC-000123.",
        "ko": "“{text}”은(는) 어느 티켓에 대한 내용인가요? INC-000123과 같은 번호로 답해 주세요.",
    },
    "no_text": {
        "en": "Only text can be taken here. Files can be added to the ticket in the app.",
        "de": "Hier kann nur Text angenommen werden. Dateien können Sie dem Ticket in der App hinzufügen.",
        "es": "Aquí solo se admite texto. Puede añadir archivos al ticket en la aplicación.",
        "ko": "여기에서는 글만 받을 수 있습니다. 파일은 앱에서 티켓에 추가해 주세요.",
    },
    "no_files": {
        "en": "The file was not taken. Files can be added to the ticket in the app.",
        "de": "Die Datei wurde nicht übernommen. Dateien können Sie dem Ticket in der App hinzufügen.",
        "es": "El archivo no se ha guardado. Puede añadir archivos al ticket en la aplicación.",
        "ko": "파일은 받지 않았습니다. 파일은 앱에서 티켓에 추가해 주세요.",
    },
    "for_staff": {
        "en": "Only staff can read what you wrote.",
        "de": "Was Sie geschrieben haben, können nur Mitarbeitende lesen.",
        "es": "Solo el personal puede leer lo que ha escrito.",
        "ko": "작성하신 내용은 담당 직원만 볼 수 있습니다.",
    },
    "too_short": {
        "en": "{number}: that is too short. Nothing was changed.",
        "de": "{number}: Das ist zu kurz. Es wurde nichts geändert.",
        "es": "{number}: es demasiado corto. No se ha cambiado nada.",
        "ko": "{number}: 글이 너무 짧습니다. 아무것도 바뀌지 않았습니다.",
    },
    "too_long": {
        "en": "{number}: that is too long, at most 2,000 characters can be taken. Nothing was changed.",
        "de": "{number}: Das ist zu lang, möglich sind höchstens 2.000 Zeichen. Es wurde nichts geändert.",
        "es": "{number}: es demasiado largo, se admiten 2.000 caracteres como máximo. No se ha cambiado nada.",
        "ko": "{number}: 글이 너무 깁니다. 2,000자까지만 가능합니다. 아무것도 바뀌지 않았습니다.",
    },
    "start_work": {
        "en": "{number}: you have started work.",
        "de": "{number}: Sie haben die Arbeit begonnen.",
        "es": "{number}: ha iniciado el trabajo.",
        "ko": "{number}: 작업을 시작했습니다.",
    },
    "finish_work": {
        "en": "{number}: you have finished work.",
        "de": "{number}: Sie haben die Arbeit abgeschlossen.",
        "es": "{number}: ha terminado el trabajo.",
        "ko": "{number}: 작업을 마쳤습니다.",
    },
    "add_comment": {
        "en": "{number}: your comment has been added.",
        "de": "{number}: Ihr Kommentar wurde hinzugefügt.",
        "es": "{number}: se ha añadido su comentario.",
        "ko": "{number}: 댓글을 추가했습니다.",
    },
    "not_found": {
        "en": "There is no ticket {number} that you can see.",
        "de": "Es gibt kein Ticket {number}, das Sie sehen können.",
        "es": "No hay ningún ticket {number} que usted pueda ver.",
        "ko": "{number} 티켓이 없거나 볼 수 있는 권한이 없습니다.",
    },
    "permission_denied": {
        "en": "{number}: this is not yours to do. Nothing was changed.",
        "de": "{number}: Dazu sind Sie nicht berechtigt. Es wurde nichts geändert.",
        "es": "{number}: usted no puede hacer esto. No se ha cambiado nada.",
        "ko": "{number}: 이 작업을 할 권한이 없습니다. 아무것도 바뀌지 않았습니다.",
    },
    "refused": {
        "en": "{number}: this cannot be done as the ticket stands. Nothing was changed.",
        "de": "{number}: Das geht beim jetzigen Stand des Tickets nicht. Es wurde nichts geändert.",
        "es": "{number}: no es posible en el estado actual del ticket. No se ha cambiado nada.",
        "ko": "{number}: 지금 티켓 상태에서는 할 수 없습니다. 아무것도 바뀌지 않았습니다.",
    },
}


def in_words(code: str, locale: str, *, number: str, text: str) -> str:
    """The answer in somebody's language; a refusal that has no words of its own is said in general."""
    words = ANSWERS.get(code, ANSWERS["refused"])[language(locale)]
    short = " ".join(text.split())
    return words.format(number=number, text=short if len(short) <= EXCERPT else f"{short[: EXCERPT - 1]}…")
