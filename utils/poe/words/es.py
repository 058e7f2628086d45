"""Spanish."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: (
        "El modelo está recibiendo demasiadas solicitudes en este momento. Vuelva a intentarlo en unos instantes."
    ),
    Text.OVERLOADED: "El modelo está sobrecargado en este momento. Vuelva a intentarlo en unos instantes.",
    Text.BUSY: "Hay tantas preguntas en curso que la suya debe esperar. Vuelva a intentarlo en unos instantes.",
    Text.UNREACHABLE: "No se puede contactar con el modelo en este momento. Vuelva a intentarlo en unos instantes.",
    Text.TIMED_OUT: "El modelo ha tardado demasiado en responder. Vuelva a intentarlo.",
    Text.BROKEN_STREAM: "La respuesta se ha interrumpido antes de terminar. Vuelva a intentarlo.",
    Text.EMPTY_ANSWER: "El modelo ha dado una respuesta vacía. Vuelva a intentarlo o pregunte con otras palabras.",
    Text.NOT_A_STREAM: "El servidor del modelo ha enviado algo que no es una respuesta. Vuelva a intentarlo más tarde.",
    Text.KEY_MISSING: "Este bot aún no está configurado: falta {variable} en el servidor.",
    Text.KEY_REFUSED: "Este bot no está bien configurado: el proveedor del modelo no acepta la clave del servidor.",
    Text.QUOTA_EXHAUSTED: (
        "Este bot ha agotado su saldo con el proveedor del modelo. Su propietario tiene que recargarlo."
    ),
    Text.MODEL_NOT_FOUND: "Este bot no está bien configurado: el proveedor no ofrece el modelo indicado.",
    Text.CONTEXT_TOO_LONG: (
        "Esta conversación es demasiado larga para el modelo. Acorte su mensaje o inicie un chat nuevo."
    ),
    Text.CONTENT_REFUSED: (
        "El proveedor del modelo se ha negado a responder a esto. Pregunte de otra manera, por favor."
    ),
    Text.REQUEST_REJECTED: "Este bot no está bien configurado: el proveedor del modelo no ha aceptado su solicitud.",
    Text.PROVIDER_FAILURE: "El modelo no ha podido responder. Vuelva a intentarlo.",
    Text.UNEXPECTED: "Algo ha fallado en el servidor de este bot.",
    Text.SHUTTING_DOWN: "El servidor de este bot se está reiniciando. Vuelva a intentarlo en unos instantes.",
    Text.TOO_MANY_QUESTIONS: "Ha hecho muchas preguntas en poco tiempo. Vuelva a preguntar dentro de {wait}.",
    Text.BUDGET_SPENT: "El presupuesto para respuestas está agotado. El {begins} empieza uno nuevo.",
    Text.BUDGET_UNKNOWN: (
        "El presupuesto de este bot no se puede consultar en este momento. Vuelva a intentarlo en un momento."
    ),
    Text.NOTHING_ASKED: "No hay ningún mensaje que responder.",
    Text.CANNOT_CHARGE: "En este momento no se puede cobrar esta respuesta. Vuelva a intentarlo más tarde.",
    Text.NOT_ENOUGH_POINTS: "No tiene puntos suficientes para esta respuesta.",
    Text.WITH_REFERENCE: "{sentence} (Referencia: {reference})",
    Text.THINKING: "Pensando… {seconds} s",
    Text.STILL_WORKING: "Sigo trabajando… {seconds} s",
    Text.ANSWER_TOO_LONG: "La respuesta ha alcanzado el límite de longitud de Poe y termina aquí.",
    Text.TIME_IS_UP: "La respuesta ha alcanzado el límite de tiempo de Poe y termina aquí.",
    Text.PICTURE_NOT_SHOWN: "El modelo creó una imagen que no se puede mostrar aquí.",
    Text.FILES_AND_LAST: "{others} y {last}",
    Text.FILE_BLIND: "No puedo ver imágenes, así que no he mirado {names}.",
    Text.FILE_UNREADABLE: "No puedo leer {names}.",
    Text.FILE_UNREACHABLE: "No he podido abrir {names}. Quizá ayude enviarlo otra vez.",
    Text.FILE_TOO_SLOW: "Abrir {names} ha tardado demasiado. Quizá ayude enviarlo otra vez.",
    Text.FILE_TOO_LARGE: "No he mirado {names}: una imagen puede tener {megabytes} MB como máximo.",
    Text.FILE_NO_PICTURE: "No he mirado {names}: solo puedo ver imágenes PNG, JPEG, GIF y WebP.",
    Text.FILE_TOO_MANY: "No he mirado {names}: puedo ver {images} a la vez.",
    Text.FILE_NO_ROOM: "No quedaba sitio para {names}.",
    Text.FILE_CUT: "Solo he leído el principio de {names}; el resto era demasiado largo.",
    Text.NO_SUCH_MODEL: "Este bot no ofrece ese modelo. Elige uno de estos: {offered}.",
    Text.NO_SUCH_CHOICE: "`{name}` no tiene esa opción. Elige una de estas: {offered}.",
    Text.NO_NUMBER: "`{name}` debe ser un número entre {low} y {high}.",
    Text.NO_SWITCH: "`{name}` debe ser true o false.",
    Text.NO_TEXT: "`{name}` debe ser texto.",
    Text.TEXT_TOO_LONG: "`{name}` es demasiado largo: no debe pasar de {longest} caracteres.",
}
