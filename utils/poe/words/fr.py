"""French."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "Le modèle reçoit trop de demandes en ce moment. Veuillez réessayer dans un instant.",
    Text.OVERLOADED: "Le modèle est surchargé en ce moment. Veuillez réessayer dans un instant.",
    Text.BUSY: "Tant de questions sont en cours que la vôtre doit attendre. Veuillez réessayer dans un instant.",
    Text.UNREACHABLE: "Le modèle est injoignable en ce moment. Veuillez réessayer dans un instant.",
    Text.TIMED_OUT: "Le modèle a mis trop de temps à répondre. Veuillez réessayer.",
    Text.BROKEN_STREAM: "La réponse a été interrompue avant la fin. Veuillez réessayer.",
    Text.EMPTY_ANSWER: "Le modèle a donné une réponse vide. Veuillez réessayer ou reformuler votre question.",
    Text.NOT_A_STREAM: (
        "Le serveur du modèle a envoyé quelque chose qui n'est pas une réponse. Veuillez réessayer plus tard."
    ),
    Text.KEY_MISSING: "Ce bot n'est pas encore configuré\N{NO-BREAK SPACE}: {variable} manque sur le serveur.",
    Text.KEY_REFUSED: (
        "Ce bot est mal configuré\N{NO-BREAK SPACE}: le fournisseur du modèle n'accepte pas la clé du serveur."
    ),
    Text.QUOTA_EXHAUSTED: (
        "Ce bot a épuisé son crédit auprès du fournisseur du modèle. Son propriétaire doit le recharger."
    ),
    Text.MODEL_NOT_FOUND: (
        "Ce bot est mal configuré\N{NO-BREAK SPACE}: le fournisseur ne propose pas le modèle demandé."
    ),
    Text.CONTEXT_TOO_LONG: (
        "Cette conversation est trop longue pour le modèle. "
        "Veuillez raccourcir votre message ou ouvrir un nouveau chat."
    ),
    Text.CONTENT_REFUSED: (
        "Le fournisseur du modèle a refusé de répondre à cela. Veuillez formuler votre demande autrement."
    ),
    Text.REQUEST_REJECTED: (
        "Ce bot est mal configuré\N{NO-BREAK SPACE}: le fournisseur du modèle n'a pas accepté sa requête."
    ),
    Text.PROVIDER_FAILURE: "Le modèle n'a pas pu répondre. Veuillez réessayer.",
    Text.UNEXPECTED: "Un problème est survenu sur le serveur de ce bot.",
    Text.SHUTTING_DOWN: "Le serveur de ce bot redémarre. Veuillez réessayer dans un instant.",
    Text.TOO_MANY_QUESTIONS: "Vous avez posé beaucoup de questions en peu de temps. Veuillez redemander dans {wait}.",
    Text.BUDGET_SPENT: "Le budget prévu pour les réponses est épuisé. Un nouveau commence le {begins}.",
    Text.BUDGET_UNKNOWN: (
        "Le budget de ce bot ne peut pas être consulté pour le moment. Veuillez réessayer dans un instant."
    ),
    Text.NOTHING_ASKED: "Il n'y a aucun message auquel répondre.",
    Text.CANNOT_CHARGE: "Cette réponse ne peut pas être facturée en ce moment. Veuillez réessayer plus tard.",
    Text.NOT_ENOUGH_POINTS: "Vous n'avez pas assez de points pour cette réponse.",
    Text.WITH_REFERENCE: "{sentence} (Référence\N{NO-BREAK SPACE}: {reference})",
    Text.THINKING: "Réflexion en cours… {seconds} s",
    Text.STILL_WORKING: "Toujours en cours… {seconds} s",
    Text.ANSWER_TOO_LONG: "La réponse a atteint la limite de longueur de Poe et s'arrête ici.",
    Text.TIME_IS_UP: "La réponse a atteint la limite de temps de Poe et s'arrête ici.",
    Text.PICTURE_NOT_SHOWN: "Le modèle a créé une image qui ne peut pas être affichée ici.",
    Text.FILES_AND_LAST: "{others} et {last}",
    Text.FILE_BLIND: "Je ne peux pas voir les images, je n'ai donc pas regardé {names}.",
    Text.FILE_UNREADABLE: "Je ne peux pas lire {names}.",
    Text.FILE_UNREACHABLE: "Je n'ai pas pu ouvrir {names}. L'envoyer à nouveau peut aider.",
    Text.FILE_TOO_SLOW: "L'ouverture de {names} a pris trop de temps. L'envoyer à nouveau peut aider.",
    Text.FILE_TOO_LARGE: "Je n'ai pas regardé {names} : une image peut faire {megabytes} Mo au plus.",
    Text.FILE_NO_PICTURE: "Je n'ai pas regardé {names} : je ne vois que les images PNG, JPEG, GIF et WebP.",
    Text.FILE_TOO_MANY: "Je n'ai pas regardé {names} : je peux en voir {images} à la fois.",
    Text.FILE_NO_ROOM: "Il n'y avait plus de place pour {names}.",
    Text.FILE_CUT: "Je n'ai lu que le début de {names}, le reste était trop long.",
    Text.NO_SUCH_MODEL: "Ce bot ne propose pas ce modèle. Veuillez en choisir un parmi : {offered}.",
    Text.NO_SUCH_CHOICE: "`{name}` n'offre pas ce choix. Veuillez choisir parmi : {offered}.",
    Text.NO_NUMBER: "`{name}` doit être un nombre entre {low} et {high}.",
    Text.NO_SWITCH: "`{name}` doit être true ou false.",
    Text.NO_TEXT: "`{name}` doit être du texte.",
    Text.TEXT_TOO_LONG: "`{name}` est trop long : veuillez rester sous {longest} caractères.",
}
