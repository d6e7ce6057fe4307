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
