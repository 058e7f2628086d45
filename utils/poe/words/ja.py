"""Japanese."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "現在、モデルへのリクエストが集中しています。しばらくしてからもう一度お試しください。",
    Text.OVERLOADED: "現在、モデルが混み合っています。しばらくしてからもう一度お試しください。",
    Text.BUSY: "現在、多くの質問に回答中です。しばらくしてからもう一度お試しください。",
    Text.UNREACHABLE: "現在、モデルに接続できません。しばらくしてからもう一度お試しください。",
    Text.TIMED_OUT: "モデルの応答に時間がかかりすぎました。もう一度お試しください。",
    Text.BROKEN_STREAM: "回答が途中で途切れました。もう一度お試しください。",
    Text.EMPTY_ANSWER: "モデルの回答が空でした。もう一度お試しいただくか、別の言い方で質問してください。",
    Text.NOT_A_STREAM: "モデルのサーバーから回答以外のものが返されました。後でもう一度お試しください。",
    Text.KEY_MISSING: "このボットはまだ設定されていません。サーバーに {variable} がありません。",
    Text.KEY_REFUSED: "このボットの設定に誤りがあります。モデルの提供元がサーバーのキーを受け付けません。",
    Text.QUOTA_EXHAUSTED: (
        "このボットは、モデルの提供元での利用残高を使い切りました。ボットの所有者による補充が必要です。"
    ),
    Text.MODEL_NOT_FOUND: "このボットの設定に誤りがあります。指定されたモデルは提供元で提供されていません。",
    Text.CONTEXT_TOO_LONG: "この会話はモデルには長すぎます。メッセージを短くするか、新しいチャットを始めてください。",
    Text.CONTENT_REFUSED: "モデルの提供元がこの質問への回答を控えました。別の聞き方でお試しください。",
    Text.REQUEST_REJECTED: "このボットの設定に誤りがあります。モデルの提供元がリクエストを受け付けませんでした。",
    Text.PROVIDER_FAILURE: "モデルが回答できませんでした。もう一度お試しください。",
    Text.UNEXPECTED: "このボットのサーバーで問題が発生しました。",
    Text.SHUTTING_DOWN: "このボットのサーバーは再起動中です。しばらくしてからもう一度お試しください。",
    Text.TOO_MANY_QUESTIONS: "短時間に多くの質問が送信されました。{wait} 後にもう一度質問してください。",
    Text.BUDGET_SPENT: "回答のための予算を使い切りました。次の予算は {begins} に始まります。",
    Text.BUDGET_UNKNOWN: "このボットの予算を現在確認できません。しばらくしてからもう一度お試しください。",
    Text.NOTHING_ASKED: "回答するメッセージがありません。",
    Text.CANNOT_CHARGE: "現在、この回答の料金を処理できません。後でもう一度お試しください。",
    Text.NOT_ENOUGH_POINTS: "この回答に必要なポイントが足りません。",
    Text.WITH_REFERENCE: "{sentence}（参照番号：{reference}）",
    Text.THINKING: "考え中… {seconds} 秒",
    Text.STILL_WORKING: "処理中… {seconds} 秒",
    Text.ANSWER_TOO_LONG: "回答が Poe の長さの上限に達したため、ここで終わります。",
    Text.TIME_IS_UP: "回答が Poe の時間の上限に達したため、ここで終わります。",
    Text.PICTURE_NOT_SHOWN: "モデルが作成した画像をここに表示できません。",
}
