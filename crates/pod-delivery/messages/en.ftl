decimal = .
priced = { $item }, { $amount }
minutes = { $count } min
seconds = { $count } s
sms = { $shop }: { $code } confirms { $what }. Valid { $lifetime }.
sms-with-warning = { sms } Not yours? Do nothing.

mail-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
mail-seconds = { $count ->
    [one] one second
   *[other] { $count } seconds
}
mail-subject = Confirm your order at { $shop }
mail-order = An order was placed in your name at { $shop }:
mail-code = To confirm it, say this code to Alexa:
mail-lifetime = It works for { $lifetime }, and for this order only.
mail-not-yours = If you did not order this, do nothing: without the code nothing is delivered. Never tell the code to anybody who asks for it.

contact-sms = { $shop }: { $code } confirms { $what }. Valid { $lifetime }.
contact-sms-with-warning = { contact-sms } Not you? Tell nobody.
contact-mail-subject = Confirm a contact at { $shop }
contact-mail-order = Somebody who is signed in to your account at { $shop } asked for this:
contact-mail-code = To confirm it, type this code on your profile page:
contact-mail-lifetime = It works for { $lifetime }, and for this contact only.
contact-mail-not-yours = If that was not you, do nothing and tell nobody the code: somebody may have got into your account. Change your password, and sign out everywhere on your profile page.
