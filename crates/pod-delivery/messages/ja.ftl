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

contact-sms = { $shop }: コード{ $code }で次の操作を確認します: { $what }。{ $lifetime }有効。
contact-sms-with-warning = { contact-sms }お心当たりがなければ誰にも教えないでください。
contact-mail-subject = { $shop }の連絡先の確認
contact-mail-order = { $shop }のお客様のアカウントにログインしている人が、次の操作を求めました:
contact-mail-code = 確認するには、プロフィールのページでこのコードを入力してください:
contact-mail-lifetime = このコードは{ $lifetime }有効で、この連絡先にのみ使えます。
contact-mail-not-yours = お心当たりがない場合は何もせず、コードを誰にも教えないでください。他の人がアカウントに入った可能性があります。パスワードを変更し、プロフィールのページですべての端末からログアウトしてください。
