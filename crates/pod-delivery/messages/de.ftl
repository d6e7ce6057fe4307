decimal = ,
priced = { $item }, { $amount }
minutes = { $count } Min.
seconds = { $count } Sek.
sms = { $shop }: { $code } bestätigt { $what }. Gültig { $lifetime }
sms-with-warning = { sms } Nicht von Ihnen? Nichts tun.

mail-minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
mail-seconds = { $count ->
    [one] eine Sekunde
   *[other] { $count } Sekunden
}
mail-subject = Bestätigen Sie Ihre Bestellung bei { $shop }
mail-order = In Ihrem Namen wurde bei { $shop } bestellt:
mail-code = Um zu bestätigen, nennen Sie Alexa diesen Code:
mail-lifetime = Er gilt { $lifetime } lang und nur für diese Bestellung.
mail-not-yours = Wenn Sie das nicht bestellt haben, tun Sie nichts: Ohne den Code wird nichts geliefert. Nennen Sie den Code niemandem, der danach fragt.

contact-sms = { $shop }: { $code } bestätigt { $what }. Gültig { $lifetime }
contact-sms-with-warning = { contact-sms } Nicht von Ihnen? Nicht weitersagen.
contact-mail-subject = Bestätigen Sie einen Kontakt bei { $shop }
contact-mail-order = Jemand, der in Ihrem Konto bei { $shop } angemeldet ist, möchte dies:
contact-mail-code = Um zu bestätigen, geben Sie diesen Code auf Ihrer Profilseite ein:
contact-mail-lifetime = Er gilt { $lifetime } lang und nur für diesen Kontakt.
contact-mail-not-yours = Wenn Sie das nicht waren, tun Sie nichts und nennen Sie den Code niemandem: Vielleicht ist jemand in Ihr Konto gelangt. Ändern Sie Ihr Passwort, und melden Sie sich auf Ihrer Profilseite überall ab.
