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

contact-sms = { $shop }: il codice { $code } conferma { $what }. Vale { $lifetime }.
contact-sms-with-warning = { contact-sms } Non è tuo? Non dirlo.
contact-mail-subject = Conferma un contatto da { $shop }
contact-mail-order = Qualcuno che ha eseguito l’accesso al tuo account da { $shop } ha chiesto questo:
contact-mail-code = Per confermarlo, scrivi questo codice nella pagina del tuo profilo:
contact-mail-lifetime = Vale per { $lifetime } e solo per questo contatto.
contact-mail-not-yours = Se non sei stato tu, non fare nulla e non dire il codice a nessuno: qualcuno potrebbe essere entrato nel tuo account. Cambia la password ed esci ovunque dalla pagina del tuo profilo.
