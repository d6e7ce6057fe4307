decimal = ,
priced = { $item }, { $amount }
minutes = { $count } min
seconds = { $count } s
sms = { $shop }: le code { $code } confirme { $what }. Valable { $lifetime }.
sms-with-warning = { sms } Pas de vous? Ne faites rien.

mail-minutes = { $count ->
    [one] une minute
   *[other] { $count } minutes
}
mail-seconds = { $count ->
    [one] une seconde
   *[other] { $count } secondes
}
mail-subject = Confirmez votre commande chez { $shop }
mail-order = Une commande a été passée en votre nom chez { $shop } :
mail-code = Pour la confirmer, dites ce code à Alexa :
mail-lifetime = Il est valable { $lifetime }, pour cette commande seulement.
mail-not-yours = Si vous n’avez rien commandé, ne faites rien : sans le code, rien n’est livré. Ne donnez le code à personne qui le demande.

contact-sms = { $shop }: le code { $code } confirme { $what }. Valable { $lifetime }.
contact-sms-with-warning = { contact-sms } Pas de vous? Ne le dites pas.
contact-mail-subject = Confirmez un contact chez { $shop }
contact-mail-order = Quelqu’un qui est connecté à votre compte chez { $shop } a demandé ceci :
contact-mail-code = Pour le confirmer, saisissez ce code sur la page de votre profil :
contact-mail-lifetime = Il est valable { $lifetime }, pour ce contact seulement.
contact-mail-not-yours = Si ce n’était pas vous, ne faites rien et ne donnez le code à personne : quelqu’un est peut-être entré dans votre compte. Changez votre mot de passe et déconnectez-vous partout sur la page de votre profil.
