decimal = ,
priced = { $item }, { $amount }
minutes = { $count } min
seconds = { $count } s
sms = { $shop }: la clave { $code } confirma { $what }. Vale { $lifetime }.
sms-with-warning = { sms } ¿No es suyo? No haga nada.

mail-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minutos
}
mail-seconds = { $count ->
    [one] un segundo
   *[other] { $count } segundos
}
mail-subject = Confirme su pedido en { $shop }
mail-order = Se ha hecho un pedido a su nombre en { $shop }:
mail-code = Para confirmarlo, dígale a Alexa esta clave:
mail-lifetime = Vale durante { $lifetime } y solo para este pedido.
mail-not-yours = Si usted no ha hecho este pedido, no haga nada: sin la clave no se entrega nada. No dé la clave a nadie que se la pida.

contact-sms = { $shop }: la clave { $code } confirma { $what }. Vale { $lifetime }.
contact-sms-with-warning = { contact-sms } ¿No es suyo? No la diga.
contact-mail-subject = Confirme un contacto en { $shop }
contact-mail-order = Alguien con la sesión iniciada en su cuenta de { $shop } ha pedido esto:
contact-mail-code = Para confirmarlo, escriba esta clave en la página de su perfil:
contact-mail-lifetime = Vale durante { $lifetime } y solo para este contacto.
contact-mail-not-yours = Si no ha sido usted, no haga nada y no dé la clave a nadie: puede que alguien haya entrado en su cuenta. Cambie la contraseña y cierre todas las sesiones en la página de su perfil.
