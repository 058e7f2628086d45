"""Portuguese, as in Brazil."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "O modelo está recebendo solicitações demais no momento. Tente novamente em instantes.",
    Text.OVERLOADED: "O modelo está sobrecarregado no momento. Tente novamente em instantes.",
    Text.BUSY: "Há tantas perguntas sendo respondidas agora que a sua precisa esperar. Tente novamente em instantes.",
    Text.UNREACHABLE: "Não é possível acessar o modelo no momento. Tente novamente em instantes.",
    Text.TIMED_OUT: "O modelo demorou demais para responder. Tente novamente.",
    Text.BROKEN_STREAM: "A resposta foi interrompida antes do fim. Tente novamente.",
    Text.EMPTY_ANSWER: "O modelo deu uma resposta vazia. Tente novamente ou pergunte com outras palavras.",
    Text.NOT_A_STREAM: "O servidor do modelo enviou algo que não é uma resposta. Tente novamente mais tarde.",
    Text.KEY_MISSING: "Este bot ainda não está configurado: falta {variable} no servidor.",
    Text.KEY_REFUSED: (
        "Este bot não está configurado corretamente: o provedor do modelo não aceita a chave do servidor."
    ),
    Text.QUOTA_EXHAUSTED: "Este bot esgotou seu crédito no provedor do modelo. O proprietário precisa recarregá-lo.",
    Text.MODEL_NOT_FOUND: "Este bot não está configurado corretamente: o provedor não oferece o modelo indicado.",
    Text.CONTEXT_TOO_LONG: "Esta conversa é longa demais para o modelo. Encurte sua mensagem ou comece um novo chat.",
    Text.CONTENT_REFUSED: "O provedor do modelo se recusou a responder a isso. Por favor, pergunte de outra forma.",
    Text.REQUEST_REJECTED: (
        "Este bot não está configurado corretamente: o provedor do modelo não aceitou a solicitação."
    ),
    Text.PROVIDER_FAILURE: "O modelo não conseguiu responder. Tente novamente.",
    Text.UNEXPECTED: "Algo deu errado no servidor deste bot.",
    Text.SHUTTING_DOWN: "O servidor deste bot está reiniciando. Tente novamente em instantes.",
    Text.TOO_MANY_QUESTIONS: "Você fez muitas perguntas em pouco tempo. Pergunte novamente em {wait}.",
    Text.BUDGET_SPENT: "O orçamento para respostas acabou. Um novo começa em {begins}.",
    Text.BUDGET_UNKNOWN: "O orçamento deste bot não pode ser consultado agora. Tente novamente em instantes.",
    Text.NOTHING_ASKED: "Não há nenhuma mensagem para responder.",
    Text.CANNOT_CHARGE: "Não é possível cobrar por esta resposta no momento. Tente novamente mais tarde.",
    Text.NOT_ENOUGH_POINTS: "Você não tem pontos suficientes para esta resposta.",
    Text.WITH_REFERENCE: "{sentence} (Referência: {reference})",
    Text.THINKING: "Pensando… {seconds} s",
    Text.STILL_WORKING: "Ainda trabalhando… {seconds} s",
    Text.ANSWER_TOO_LONG: "A resposta atingiu o limite de tamanho do Poe e termina aqui.",
    Text.TIME_IS_UP: "A resposta atingiu o limite de tempo do Poe e termina aqui.",
    Text.PICTURE_NOT_SHOWN: "O modelo criou uma imagem que não pode ser exibida aqui.",
    Text.FILES_AND_LAST: "{others} e {last}",
    Text.FILE_BLIND: "Não consigo ver imagens, por isso não olhei {names}.",
    Text.FILE_UNREADABLE: "Não consigo ler {names}.",
    Text.FILE_UNREACHABLE: "Não consegui abrir {names}. Enviar de novo pode ajudar.",
    Text.FILE_TOO_SLOW: "Abrir {names} demorou demais. Enviar de novo pode ajudar.",
    Text.FILE_TOO_LARGE: "Não olhei {names}: uma imagem pode ter no máximo {megabytes} MB.",
    Text.FILE_NO_PICTURE: "Não olhei {names}: só consigo ver imagens PNG, JPEG, GIF e WebP.",
    Text.FILE_TOO_MANY: "Não olhei {names}: consigo ver {images} de cada vez.",
    Text.FILE_NO_ROOM: "Não havia mais espaço para {names}.",
    Text.FILE_CUT: "Li só o começo de {names}; o resto era longo demais.",
    Text.NO_SUCH_MODEL: "Este bot não oferece esse modelo. Escolha um destes: {offered}.",
    Text.NO_SUCH_CHOICE: "`{name}` não tem essa opção. Escolha uma destas: {offered}.",
    Text.NO_NUMBER: "`{name}` deve ser um número entre {low} e {high}.",
    Text.NO_SWITCH: "`{name}` deve ser true ou false.",
    Text.NO_TEXT: "`{name}` deve ser texto.",
    Text.TEXT_TOO_LONG: "`{name}` é longo demais: fique abaixo de {longest} caracteres.",
}
