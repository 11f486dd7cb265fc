"""What our mails, and the page behind their last link, say beside the words of an event, by language."""

from dataclasses import dataclass

from core.notifications.message import language


@dataclass(frozen=True, slots=True)
class Phrases:
    look: str  # what the link of a notification is called
    choose: str  # what the link of a letter is called
    an_admin: str  # who invites, when nobody in particular did
    more: str  # {count} of what one mail gathers are not in it
    why: str
    off: str  # what the link is called that turns e-mail off
    off_title: str
    off_lead: str
    off_button: str
    off_done: str


PHRASES = {
    "en": Phrases(
        look="Look at it",
        choose="Set a password",
        an_admin="An admin",
        more="and {count} more",
        why="You get this mail because Incident Management tells you what concerns you.",
        off="No more e-mails",
        off_title="Turn e-mails off?",
        off_lead="You will get no more notifications by e-mail. Your inbox in the app keeps them all, and there you "
        "can turn e-mails on again.",
        off_button="Turn e-mails off",
        off_done="E-mails are off",
    ),
    "de": Phrases(
        look="Ansehen",
        choose="Passwort festlegen",
        an_admin="Ein Admin",
        more="und {count} weitere",
        why="Sie erhalten diese E-Mail, weil Incident Management Ihnen mitteilt, was Sie betrifft.",
        off="Keine E-Mails mehr",
        off_title="E-Mails abschalten?",
        off_lead="Sie erhalten keine Benachrichtigungen mehr per E-Mail. Ihr Posteingang in der App behält sie alle; "
        "dort können Sie E-Mails wieder einschalten.",
        off_button="E-Mails abschalten",
        off_done="E-Mails sind abgeschaltet",
    ),
    "es": Phrases(
        look="Ver",
        choose="Elegir contraseña",
        an_admin="Un administrador",
        more="y {count} más",
        why="Recibe este correo porque Incident Management le informa de lo que le concierne.",
        off="No recibir más correos",
        off_title="¿Desactivar los correos?",
        off_lead="No recibirá más notificaciones por correo. Su bandeja de entrada en la aplicación las conserva "
        "todas, y allí puede volver a activar los correos.",
        off_button="Desactivar los correos",
        off_done="Los correos están desactivados",
    ),
    "ko": Phrases(
        look="확인하기",
        choose="비밀번호 설정",
        an_admin="관리자",
        more="외 {count}건",
        why="Incident Management가 회원님과 관련된 소식을 알려 드리는 메일입니다.",
        off="메일 그만 받기",
        off_title="메일 알림을 끄시겠습니까?",
        off_lead="더 이상 메일로 알림을 받지 않습니다. 앱의 받은 알림에는 모두 그대로 남으며, 거기에서 메일 알림을 "
        "다시 켤 수 있습니다.",
        off_button="메일 알림 끄기",
        off_done="메일 알림이 꺼졌습니다",
    ),
}


def phrases(locale: str) -> Phrases:
    """In the language that somebody with this locale reads."""
    return PHRASES[language(locale)]
