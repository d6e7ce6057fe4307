decimal = ,
priced = { $item }, { $amount }
minutes = { $count } min
seconds = { $count } s
sms = { $shop }: il codice { $code } conferma { $what }. Vale { $lifetime }.
sms-with-warning = { sms } Non è tuo? Non fare nulla.

mail-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minuti
}
mail-seconds = { $count ->
    [one] un secondo
   *[other] { $count } secondi
}
mail-subject = Conferma il tuo ordine da { $shop }
mail-order = È stato fatto un ordine a tuo nome da { $shop }:
mail-code = Per confermarlo, di’ questo codice ad Alexa:
mail-lifetime = Vale per { $lifetime } e solo per questo ordine.
mail-not-yours = Se non hai ordinato tu, non fare nulla: senza il codice non viene consegnato nulla. Non dire il codice a chi te lo chiede.
