// Messages that only thank, or say that it works now, in seven languages. All invented.

export const THANKS: string[] = [
  'Thanks!', 'Thank you so much', 'Thanks, that worked!', 'Great, it works now. Thank you!', 'Perfect, thanks Mira!',
  'Hi Mira,\n\nthank you very much for the quick reply!\n\nBest regards\nOle Falk', 'Thx', 'Awesome, all good now', '👍', '🙏🙏',
  'Thanks a lot for your help', 'Many thanks and have a nice weekend', 'Cheers, Jonas', 'Solved, thank you both!', 'Thank you!!\nDana',
  'Danke!', 'Vielen Dank für die schnelle Hilfe', 'Super, danke dir', 'Perfekt, es funktioniert wieder. Danke!', 'Herzlichen Dank und liebe Grüße',
  'Hallo Frau Voss,\n\nvielen Dank für Ihre schnelle Antwort.\n\nMit freundlichen Grüßen\nJan Ott', 'Hat geklappt, danke', 'Dankeschön',
  'Merci beaucoup !', 'Merci pour votre aide', 'Parfait, merci', 'Ça marche maintenant, merci beaucoup', "Merci d'avance",
  '¡Muchas gracias!', 'Gracias por su ayuda', 'Perfecto, ya funciona. Gracias', 'Mil gracias por la respuesta rápida',
  'Obrigado!', 'Muito obrigada pela ajuda', 'Perfeito, obrigado', 'Grazie mille', 'Perfetto, grazie', 'Grazie per il supporto',
  'Bedankt!', 'Hartelijk dank voor de snelle reactie', 'Top, bedankt', 'Dank je wel'
]
