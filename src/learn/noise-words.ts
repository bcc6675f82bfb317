// How machines speak to helpdesks, in English, German, French, Spanish, Portuguese, Italian and Dutch. Each expression
// stops after a bounded number of characters, so that no text can make it slow.

/** Mail programs put this before the subject they answer to, with a colon; a person who writes about it seldom does. */
export const AUTOMATIC_SUBJECT = new RegExp('^(?:' + [
  'automatic reply', 'auto(?:matic)?[- ]?(?:reply|response)', 'automated (?:reply|response)', 'out of (?:the )?office(?: reply)?',
  'automatische antwort', 'abwesenheitsnotiz', 'abwesenheitsbenachrichtigung', 'automatische abwesenheitsnotiz', 'abwesend',
  'réponse automatique', "message d['’]absence", "notification d['’]absence", 'absent(?:e)? du bureau',
  'respuesta automática', 'fuera de (?:la )?oficina', 'resposta automática', 'fora do escritório', 'ausência temporária',
  'risposta automatica', 'fuori (?:sede|ufficio)', 'automatisch antwoord', 'automatische reactie', 'afwezigheidsbericht', 'afwezig'
].join('|') + ')\\s{0,3}:', 'iu')

/** The first person is away. A customer may say so too: it takes a second sign. */
export const ABSENT = new RegExp('(?:^|[^\\p{L}])(?:' + [
  '(?:i am|i[\'’]m|i will be|we are) (?:currently |now |presently )?(?:out of (?:the |my )?office|away from (?:the |my )?(?:office|desk)|on (?:annual |parental |maternity |paternity |sick )?(?:leave|vacation|holiday))',
  '(?:i am|i[\'’]m|i will be) (?:currently )?(?:travel(?:l)?ing|away) (?:until|from|till|between)',
  'ich bin (?:derzeit |momentan |zurzeit |zur zeit |aktuell |bis [^\\n]{1,40} |vom [^\\n]{1,60} |ab [^\\n]{1,40} |im moment )?(?:nicht im (?:büro|haus)|außer haus|im urlaub|abwesend|in elternzeit|nicht erreichbar)',
  'bin ich (?:wieder )?(?:nicht im büro|außer haus|im urlaub|abwesend|nicht erreichbar)',
  'je suis (?:actuellement |momentanément )?(?:absente?|en congés?|en vacances|en déplacement|hors du bureau)', 'je serai (?:absente?|de retour|en congés?)',
  'estoy (?:actualmente )?(?:fuera de (?:la |mi )?oficina|de vacaciones|ausente)', 'me encuentro (?:fuera de (?:la )?oficina|de vacaciones|ausente)', 'estaré (?:fuera de (?:la )?oficina|de vacaciones|ausente)',
  '(?:estou|estarei|encontro-me) (?:atualmente )?(?:fora do escritório|de férias|em férias|ausente)',
  '(?:sono|sarò) (?:attualmente )?(?:fuori (?:sede|ufficio)|in ferie|assente)',
  'ik ben (?:momenteel |op dit moment |tot [^\\n]{1,40} |van [^\\n]{1,60} )?(?:niet op kantoor|afwezig|met vakantie|op vakantie|met verlof|niet aanwezig)'
].join('|') + ')(?![\\p{L}])', 'iu')

/** What an absence note says besides: when there will be an answer, and from whom instead. */
export const INSTEAD = new RegExp('(?:' + [
  'limited access to (?:my )?e-?mail', '(?:reply|respond|answer|get back)[^.\\n]{0,60}(?:(?:when|as soon as|once) i (?:return|am back|get back)|(?:up)?on my return)', '(?:for|in) urgent (?:matters|cases|issues|requests|questions)', 'if (?:it is|your (?:request|message|matter) is) urgent', 'your e-?mail (?:will not|won[\'’]t) be forwarded', 'in my absence', 'thank you for your (?:e-?mail|message)',
  'in dringenden (?:fällen|angelegenheiten)', 'nach meiner rückkehr', 'wird nicht weitergeleitet', 'vielen dank für ihre (?:nachricht|e-?mail|mail)', 'danke für (?:deine|ihre) (?:nachricht|e-?mail|mail)', 'wenden sie sich (?:bitte )?an', 'in meiner abwesenheit', 'meine vertretung',
  "en cas d['’]urgence", 'dès mon retour', 'à mon retour', 'pendant mon absence', 'en mon absence', 'merci (?:de|pour) votre (?:message|mail|courriel|e-mail)',
  'en caso de urgencia', 'para (?:temas|asuntos) urgentes', 'a mi (?:regreso|vuelta)', 'durante mi ausencia', 'gracias por su (?:mensaje|correo)',
  'em caso de urgência', 'assuntos urgentes', 'no meu regresso', 'quando (?:eu )?(?:regressar|retornar|voltar)', 'durante a minha ausência', 'obrigad[oa] pel[ao] (?:sua |seu )?(?:mensagem|e-?mail|contacto)',
  'in caso di urgenz[ae]', 'per (?:questioni )?urgen(?:ze|ti)', 'al mio (?:rientro|ritorno)', 'in mia assenza', 'durante la mia assenza', 'grazie per (?:il (?:suo|tuo) messaggio|la (?:sua|tua) (?:e-?)?mail)',
  'bij (?:dringende|spoedeisende) (?:zaken|gevallen|vragen)', 'voor dringende (?:zaken|vragen)', 'bij terugkomst', 'na mijn (?:terugkeer|vakantie|verlof)', 'tijdens mijn afwezigheid', 'bedankt voor (?:uw|je) (?:bericht|e-?mail|mail)'
].join('|') + ')', 'iu')

/** A machine that says of itself, at the beginning or the end of a line, that it is one. */
export const AUTOMATIC_LINES = new RegExp('(?:^|\\n|[.!] )[ *_-]{0,6}(?:' + [
  '(?:please note:? )?this (?:is an? (?:automated|automatic|automatically generated|auto-generated)|(?:e-?mail|message|reply) (?:was|is|has been) (?:sent |generated |created )?automatically)',
  '(?:please )?do not reply to this (?:automated |automatic )?(?:e-?mail|message)',
  'dies ist eine automati(?:sche|sch (?:generierte|erstellte|erzeugte))', 'diese (?:e-?mail|nachricht|mail) (?:wurde|ist) automatisch (?:generiert|erstellt|erzeugt|versendet|verschickt)', 'bitte antworten sie nicht auf diese (?:automatisch [^.\\n]{1,30})?(?:e-?mail|nachricht|mail)',
  'ceci est (?:un (?:message|e-?mail|courriel)|une réponse) automatique', '(?:ce message|cet e-?mail|ce courriel) (?:a été|est) (?:envoyé|généré|généré et envoyé) automatiquement', 'merci de ne pas répondre à (?:ce message|cet e-?mail|ce courriel)',
  '(?:este|esto) es un (?:mensaje|correo|e-?mail) (?:generado )?automátic(?:o|amente)', 'este (?:mensaje|correo|e-?mail) (?:ha sido|fue) (?:generado|enviado) automáticamente', '(?:por favor,? )?no responda a este (?:mensaje|correo|e-?mail)',
  '(?:esta|isto) é uma (?:mensagem|resposta) automática', 'est[ea] (?:e-?mail|mensagem) foi (?:gerad[oa]|enviad[oa]) automaticamente', '(?:por favor,? )?não responda a est[ea] (?:e-?mail|mensagem)',
  'questo è un (?:messaggio|e-?mail) (?:generato )?automatic(?:o|amente)', 'quest[ao] (?:e-?mail|messaggio) è stat[ao] (?:generat[ao]|inviat[ao]) automaticamente', '(?:si prega di )?non rispondere a quest[ao] (?:e-?mail|messaggio)',
  'dit is een (?:automatisch|automatisch gegenereerd)(?:e)? (?:bericht|antwoord|e-?mail)', '(?:dit bericht|deze e-?mail) (?:is|werd) automatisch (?:gegenereerd|verzonden|verstuurd)', '(?:gelieve )?niet (?:te )?(?:antwoorden|reageren) op (?:dit bericht|deze e-?mail)'
].join('|') + ')', 'iu')

export const RETURNED_SUBJECT = new RegExp('^(?:' + [
  'undeliver(?:able|ed)(?: mail returned to sender|:| mail)', 'mail delivery (?:failed|system|failure|subsystem)', 'delivery (?:status notification|failure|has failed)', 'returned mail:', 'failure notice', 'message (?:not delivered|could not be delivered)',
  'unzustellbar', 'nicht zustellbar', 'zustellung fehlgeschlagen', 'non remis', 'échec de (?:la )?remise', 'notification d[\'’]échec',
  'no se puede entregar', 'no entregado', 'error de entrega', 'não (?:é possível entregar|entregue)', 'falha na entrega', 'impossibile recapitare', 'mancato recapito', 'notifica di mancato recapito',
  'onbestelbaar', 'niet bezorgd', 'bezorging mislukt'
].join('|') + ')', 'iu')

export const RETURNED_BODY = new RegExp('(?:' + [
  'this is the mail system at host', 'this message was created automatically by mail delivery software', 'your message (?:wasn[\'’]t|was not|could not be|couldn[\'’]t be) delivered', 'delivery to the following recipients? (?:has )?failed', '(?:final-recipient|diagnostic-code|reporting-mta) ?:', '(?:remote server|host) [^\\n]{0,80}(?:returned|said)[^\\n]{0,20}\\b5\\d\\d', '\\b5\\.\\d\\.\\d\\b',
  'ihre nachricht (?:konnte nicht|wurde nicht) (?:zugestellt|übermittelt)', 'fehler bei der nachrichtenzustellung', 'votre message n[\'’]a pas (?:pu être|été) (?:remis|distribué)',
  '(?:su|tu) mensaje no (?:se pudo entregar|ha podido ser entregado|se ha entregado)', '(?:a )?sua mensagem não (?:pôde ser|foi) entregue', 'il (?:suo|tuo) messaggio (?:non è stato (?:consegnato|recapitato)|non può essere recapitato)',
  '(?:uw|je) bericht (?:is niet|kon niet worden) (?:bezorgd|afgeleverd)'
].join('|') + ')', 'iu')

/** A line by which one leaves a mailing list. */
export const UNSUBSCRIBE = /(?:unsubscribe|opt[- ]?out|update your (?:e-?mail )?preferences|vom newsletter abmelden|newsletter abbestellen|hier abmelden|se désabonner|se désinscrire|darse de baja|cancelar (?:a )?(?:inscrição|suscripción)|annulla (?:l['’])?iscrizione|disiscriv|afmelden|uitschrijven)/iu

/** What is offered by people who ask for nothing. */
export const PITCH = /(?:guest post|backlinks?|link[- ]building|search engine (?:ranking|optimi[sz]ation)|seo (?:services?|agency|expert|package)|first page of google|increase your (?:traffic|sales|revenue|leads)|lead generation|e-?mail list of|attendees? list|limited[- ]time offer|special offer|% (?:off|discount|rabatt)|book a (?:quick )?(?:demo|call) with (?:me|us)|our (?:latest|new) (?:newsletter|catalogue|catalog|collection)|suchmaschinenoptimierung|sonderangebot|unser newsletter|jetzt rabatt sichern|référencement|offre spéciale|oferta (?:especial|limitada)|posicionamiento|offerta speciale|aanbieding)/iu
