decimal = .
priced = { $item }, { $amount }
minutes = { $count } मिनट
seconds = { $count } सेकंड
sms = { $shop }: कोड { $code } से इस ऑर्डर की पुष्टि होगी: { $what }। { $lifetime } तक मान्य।
sms-with-warning = { sms } ऑर्डर आपका नहीं? कुछ न करें।

mail-minutes = { $count } मिनट
mail-seconds = { $count } सेकंड
mail-subject = { $shop } पर अपने ऑर्डर की पुष्टि करें
mail-order = { $shop } पर आपके नाम से यह ऑर्डर दिया गया है:
mail-code = पुष्टि करने के लिए Alexa को यह कोड बताएँ:
mail-lifetime = यह { $lifetime } तक, और केवल इसी ऑर्डर के लिए, मान्य है।
mail-not-yours = अगर यह ऑर्डर आपने नहीं दिया, तो कुछ न करें: कोड के बिना कुछ भी नहीं भेजा जाएगा। कोड माँगने वाले किसी व्यक्ति को इसे न बताएँ।

contact-sms = { $shop }: कोड { $code } से इसकी पुष्टि होगी: { $what }। { $lifetime } तक मान्य।
contact-sms-with-warning = { contact-sms } आपने नहीं माँगा? कोड किसी को न बताएँ।
contact-mail-subject = { $shop } पर संपर्क की पुष्टि करें
contact-mail-order = { $shop } पर आपके खाते में साइन इन किए हुए किसी व्यक्ति ने यह माँगा है:
contact-mail-code = पुष्टि करने के लिए यह कोड अपने प्रोफ़ाइल पृष्ठ पर लिखें:
contact-mail-lifetime = यह { $lifetime } तक, और केवल इसी संपर्क के लिए, मान्य है।
contact-mail-not-yours = अगर यह आपने नहीं माँगा, तो कुछ न करें और कोड किसी को न बताएँ: हो सकता है कोई आपके खाते में घुस गया हो। अपना पासवर्ड बदलें और अपने प्रोफ़ाइल पृष्ठ पर हर जगह से साइन आउट करें।
