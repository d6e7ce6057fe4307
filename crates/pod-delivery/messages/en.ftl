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
