"""German."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "Das Modell erhält gerade zu viele Anfragen. Bitte versuchen Sie es gleich noch einmal.",
    Text.OVERLOADED: "Das Modell ist gerade überlastet. Bitte versuchen Sie es gleich noch einmal.",
    Text.BUSY: (
        "Gerade werden so viele Fragen beantwortet, dass Ihre warten muss. Bitte versuchen Sie es gleich noch einmal."
    ),
    Text.UNREACHABLE: "Das Modell ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
    Text.TIMED_OUT: "Das Modell hat zu lange für die Antwort gebraucht. Bitte versuchen Sie es noch einmal.",
    Text.BROKEN_STREAM: "Die Antwort ist vor ihrem Ende abgebrochen. Bitte versuchen Sie es noch einmal.",
    Text.EMPTY_ANSWER: (
        "Das Modell hat eine leere Antwort gegeben. Bitte versuchen Sie es noch einmal oder fragen Sie anders."
    ),
    Text.NOT_A_STREAM: (
        "Der Server des Modells hat keine gültige Antwort geschickt. Bitte versuchen Sie es später noch einmal."
    ),
    Text.KEY_MISSING: "Dieser Bot ist noch nicht eingerichtet: Auf dem Server fehlt {variable}.",
    Text.KEY_REFUSED: (
        "Dieser Bot ist nicht richtig eingerichtet: Der Anbieter des Modells nimmt den Schlüssel des Servers nicht an."
    ),
    Text.QUOTA_EXHAUSTED: (
        "Das Guthaben dieses Bots beim Anbieter des Modells ist aufgebraucht. Sein Betreiber muss es aufladen."
    ),
    Text.MODEL_NOT_FOUND: "Dieser Bot ist nicht richtig eingerichtet: Der Anbieter führt das gewünschte Modell nicht.",
    Text.CONTEXT_TOO_LONG: (
        "Dieses Gespräch ist zu lang für das Modell. "
        "Bitte kürzen Sie Ihre Nachricht oder beginnen Sie einen neuen Chat."
    ),
    Text.CONTENT_REFUSED: (
        "Der Anbieter des Modells hat es abgelehnt, darauf zu antworten. Bitte fragen Sie auf andere Weise."
    ),
    Text.REQUEST_REJECTED: (
        "Dieser Bot ist nicht richtig eingerichtet: Der Anbieter des Modells hat seine Anfrage nicht angenommen."
    ),
    Text.PROVIDER_FAILURE: "Das Modell konnte nicht antworten. Bitte versuchen Sie es noch einmal.",
    Text.UNEXPECTED: "Auf dem Server dieses Bots ist etwas schiefgegangen.",
    Text.SHUTTING_DOWN: "Der Server dieses Bots startet gerade neu. Bitte versuchen Sie es gleich noch einmal.",
    Text.TOO_MANY_QUESTIONS: "Sie haben in kurzer Zeit viele Fragen gestellt. Bitte fragen Sie in {wait} wieder.",
    Text.BUDGET_SPENT: "Das Budget für Antworten ist aufgebraucht. Am {begins} beginnt ein neues.",
    Text.BUDGET_UNKNOWN: (
        "Das Budget dieses Bots kann gerade nicht abgefragt werden. Bitte versuchen Sie es gleich noch einmal."
    ),
    Text.NOTHING_ASKED: "Es gibt keine Nachricht, auf die geantwortet werden könnte.",
    Text.CANNOT_CHARGE: (
        "Diese Antwort kann gerade nicht abgerechnet werden. Bitte versuchen Sie es später noch einmal."
    ),
    Text.NOT_ENOUGH_POINTS: "Ihre Punkte reichen für diese Antwort nicht aus.",
    Text.WITH_REFERENCE: "{sentence} (Referenz: {reference})",
    Text.THINKING: "Denkt nach … {seconds} s",
    Text.STILL_WORKING: "Noch in Arbeit … {seconds} s",
    Text.ANSWER_TOO_LONG: "Die Antwort hat die Längengrenze von Poe erreicht und endet hier.",
    Text.TIME_IS_UP: "Die Antwort hat die Zeitgrenze von Poe erreicht und endet hier.",
    Text.PICTURE_NOT_SHOWN: "Das Modell hat ein Bild erzeugt, das hier nicht gezeigt werden kann.",
    Text.FILES_AND_LAST: "{others} und {last}",
    Text.FILE_BLIND: "Ich kann keine Bilder sehen und habe {names} deshalb nicht angesehen.",
    Text.FILE_UNREADABLE: "Ich kann {names} nicht lesen.",
    Text.FILE_UNREACHABLE: "Ich konnte {names} nicht öffnen. Vielleicht hilft es, die Datei noch einmal zu senden.",
    Text.FILE_TOO_SLOW: "Es dauerte zu lange, {names} zu öffnen. Vielleicht hilft es, die Datei noch einmal zu senden.",
    Text.FILE_TOO_LARGE: "Ich habe {names} nicht angesehen: Ein Bild darf höchstens {megabytes} MB groß sein.",
    Text.FILE_NO_PICTURE: "Ich habe {names} nicht angesehen: Ich kann nur Bilder in PNG, JPEG, GIF und WebP sehen.",
    Text.FILE_TOO_MANY: "Ich habe {names} nicht angesehen: Ich kann {images} auf einmal sehen.",
    Text.FILE_NO_ROOM: "Für {names} war kein Platz mehr.",
    Text.FILE_CUT: "Ich habe nur den Anfang von {names} gelesen, der Rest war zu lang.",
    Text.NO_SUCH_MODEL: "Dieses Modell bietet der Bot nicht an. Bitte wählen Sie eines von diesen: {offered}.",
    Text.NO_SUCH_CHOICE: "Diese Auswahl gibt es bei `{name}` nicht. Bitte wählen Sie eine von diesen: {offered}.",
    Text.NO_NUMBER: "`{name}` sollte eine Zahl zwischen {low} und {high} sein.",
    Text.NO_SWITCH: "`{name}` sollte true oder false sein.",
    Text.NO_TEXT: "`{name}` sollte Text sein.",
    Text.TEXT_TOO_LONG: "`{name}` ist zu lang: Bitte bleiben Sie unter {longest} Zeichen.",
}
