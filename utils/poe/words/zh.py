"""Chinese, in simplified characters."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "模型当前收到的请求过多，请稍后再试。",
    Text.OVERLOADED: "模型当前负载过高，请稍后再试。",
    Text.BUSY: "当前正在回答的问题过多，您的问题需要等待。请稍后再试。",
    Text.UNREACHABLE: "目前无法连接到模型，请稍后再试。",
    Text.TIMED_OUT: "模型响应时间过长，请重试。",
    Text.BROKEN_STREAM: "回答在结束前中断了，请重试。",
    Text.EMPTY_ANSWER: "模型给出了空的回答，请重试或换一种说法提问。",
    Text.NOT_A_STREAM: "模型的服务器返回的内容不是回答，请稍后再试。",
    Text.KEY_MISSING: "此机器人尚未设置完成：服务器上缺少 {variable}。",
    Text.KEY_REFUSED: "此机器人设置有误：模型提供商不接受服务器的密钥。",
    Text.QUOTA_EXHAUSTED: "此机器人在模型提供商处的余额已用完，需要由其所有者充值。",
    Text.MODEL_NOT_FOUND: "此机器人设置有误：模型提供商不提供所设置的模型。",
    Text.CONTEXT_TOO_LONG: "此对话对模型来说太长了，请缩短您的消息或开始新的聊天。",
    Text.CONTENT_REFUSED: "模型提供商拒绝回答此内容，请换一种方式提问。",
    Text.REQUEST_REJECTED: "此机器人设置有误：模型提供商未接受其请求。",
    Text.PROVIDER_FAILURE: "模型未能回答，请重试。",
    Text.UNEXPECTED: "此机器人的服务器出了点问题。",
    Text.SHUTTING_DOWN: "此机器人的服务器正在重启，请稍后再试。",
    Text.TOO_MANY_QUESTIONS: "您在短时间内提出了很多问题，请在 {wait} 后再提问。",
    Text.BUDGET_SPENT: "用于回答的预算已用完，新的预算将于 {begins} 开始。",
    Text.BUDGET_UNKNOWN: "目前无法查询此机器人的预算，请稍后再试。",
    Text.NOTHING_ASKED: "没有可以回答的消息。",
    Text.CANNOT_CHARGE: "目前无法对此回答计费，请稍后再试。",
    Text.NOT_ENOUGH_POINTS: "您的积分不足以获取此回答。",
    Text.WITH_REFERENCE: "{sentence}（参考编号：{reference}）",
    Text.THINKING: "正在思考… {seconds} 秒",
    Text.STILL_WORKING: "仍在处理… {seconds} 秒",
    Text.ANSWER_TOO_LONG: "回答已达到 Poe 的长度上限，到此结束。",
    Text.TIME_IS_UP: "回答已达到 Poe 的时间上限，到此结束。",
    Text.PICTURE_NOT_SHOWN: "模型生成了一张图片，但无法在此显示。",
}
