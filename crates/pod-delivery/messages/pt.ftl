decimal = ,
priced = { $item }, { $amount }
minutes = { $count } min
seconds = { $count } s
sms = { $shop }: a senha { $code } confirma { $what }. Vale { $lifetime }.
sms-with-warning = { sms } Se outra pessoa pediu, ignore.

mail-minutes = { $count ->
    [one] um minuto
   *[other] { $count } minutos
}
mail-seconds = { $count ->
    [one] um segundo
   *[other] { $count } segundos
}
mail-subject = Confirme o seu pedido em { $shop }
mail-order = Foi feito um pedido em seu nome em { $shop }:
mail-code = Para confirmar, diga esta senha à Alexa:
mail-lifetime = Vale por { $lifetime } e somente para este pedido.
mail-not-yours = Se não foi você quem pediu, não faça nada: sem a senha nada é entregue. Não diga a senha a ninguém que a peça.

contact-sms = { $shop }: a senha { $code } confirma { $what }. Vale { $lifetime }.
contact-sms-with-warning = { contact-sms } Se outra pessoa pediu, ignore.
contact-mail-subject = Confirme um contato em { $shop }
contact-mail-order = Alguém que entrou na sua conta em { $shop } pediu isto:
contact-mail-code = Para confirmar, digite esta senha na página do seu perfil:
contact-mail-lifetime = Vale por { $lifetime } e somente para este contato.
contact-mail-not-yours = Se não foi você, não faça nada e não diga a senha a ninguém: alguém pode ter entrado na sua conta. Troque a sua senha de acesso e saia de todos os lugares na página do seu perfil.
