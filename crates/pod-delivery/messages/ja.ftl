decimal = .
priced = { $item }（{ $amount }）
minutes = { $count }分間
seconds = { $count }秒間
sms = { $shop }: コード{ $code }で次の注文が確定します: { $what }。{ $lifetime }有効。
sms-with-warning = { sms }お心当たりがなければ何もしないでください。

mail-minutes = { $count }分間
mail-seconds = { $count }秒間
mail-subject = { $shop }のご注文の確認
mail-order = { $shop }で、お客様のお名前で次の注文を受け付けました:
mail-code = 確定するには、このコードをAlexaに伝えてください:
mail-lifetime = このコードは{ $lifetime }有効で、この注文にのみ使えます。
mail-not-yours = お心当たりがない場合は何もしないでください。コードがなければ何も配達されません。コードを尋ねる人には決して教えないでください。
