"""Words and sentence patterns of the texts that are synthesised; all of them our own."""

# ruff: noqa: E501, RUF001 -- word lists read best as lists of words, in their own letters.
from __future__ import annotations

__all__ = ["PATTERNS", "WORDS", "WORLD"]

WORDS = {
    "noun": "map bubble river window mother problem baby paper bottle family number village camera moment farm wolf wave voice valley movie oven glove leaf knife cupboard table chair door engine letter garden picture summer winter bird horse mouse bridge mountain island kitchen doctor teacher captain neighbour brother sister father uncle child friend enemy king queen army ship boat plane train car wheel road street corner market shop pocket button ribbon puppet pepper apple plum bean beef lamb butter milk coffee tea water fire smoke storm cloud rain snow wind sun moon star sky earth sea beach stone rock sand gold silver copper iron box bag pipe pump lamp stamp film helm palm arm thumb finger hand shoulder mouth lip tooth tongue face eye ear nose head hair beard game ball puzzle question answer story chapter verse word sentence language music drum violin trumpet opera museum library hospital office factory company job money bill budget bank promise secret truth lie idea dream fear hope love anger joy surprise trouble danger weather temperature afternoon evening morning midnight yesterday page shape group hub club web job tribe globe robe cup soup ship trap whip mop lump lump room dream team frame flame storm charm foam comb tomb proof roof staff chief thief stove grave glove sleeve",
    "verb": "make made move moved bring brought believe believed remember remembered forget forgot open opened close closed give gave love loved leave left find found follow followed feel felt fix fixed paint painted pull pulled push pushed buy bought build built break broke bury buried burn burned bake baked beat bit blow blew pay paid pick picked play played plan planned pass passed wash washed watch watched wait waited walk walked want wanted win won wear wore weigh wave waved visit visited vote voted view measure measured miss missed mend mended mix mixed meet met mean meant mind call called carry carried catch caught change changed choose chose climb climbed count counted cut dig dug draw drew drink drank drive drove drop dropped eat ate enjoy fly flew get got go went grow grew hear heard help helped hide hid hold held keep kept know knew laugh laughed learn learned lift lifted like listen look lose lost need needed offer offered order ordered prove proved provide save saved say said see saw sell sold send sent shake shook share shout shouted show showed sing sang sit sat sleep slept speak spoke stop stopped swim swam take took teach taught tell told think thought throw threw touch touched try tried turn turned use used whisper whispered wonder wondered work worked write wrote",
    "adjective": "big small brave bumpy blue brown black broken busy beautiful bitter blind bright calm cheap clever cold common complete cool damp dark deep different dry early easy empty even evil false famous fancy fast few final fine firm fresh full funny gentle good great green grim happy hard heavy high hollow hot huge hungry important impossible jumpy kind large late lazy light long loud loving low lucky mad marvellous maximum merry mild modern most narrow native nervous new nice noisy odd old open other pale perfect pink plain pleasant poor popular possible pretty proper proud public pure purple quick quiet rapid rare raw ready real red rich ripe rough round royal rude sad safe same serious several shallow sharp shiny short shy silent simple slow smooth smooth soft solid sour special square stiff strange strong stupid sudden sweet tall thick thin tiny tired true ugly unable usual vague valuable vast very violent warm weak wealthy weird wet white whole wide wild wise wonderful wooden wrong yellow young",
    "adverb": "quickly slowly maybe perhaps probably never ever often always sometimes simply barely bravely completely finally fully hardly mostly nearly obviously perfectly possibly quietly really safely seldom softly suddenly usually very warmly whenever wherever above below behind before beyond between outside inside away again almost already alone together tomorrow today tonight twice once forever everywhere somewhere nowhere however moreover meanwhile",
    "name": "Bob Barbara Peter Pam Mike Emma Molly Ben Phoebe Fiona Victor Vivian Eva Steve Oliver William Wendy Walter Mabel Philip Bruce Abby Pippa Marvin Max Maya Adam Tom Sam Sophie Ralph Jeff Kevin Olive Wilma Paul Patrick Bella Robin Simon Thomas Jennifer Beth Judy George Charlotte Chuck Lucy Noah Grace Henry Zoe Yusuf Ingrid Hugo Leo",
    "place": "Paris Berlin Boston Bombay Manchester Vienna Venice Florida Mexico Moscow Warsaw Wellington Memphis Baltimore Philadelphia Panama Peru Brazil Vietnam Finland France Bavaria Bolivia Africa Jamaica California Pittsburgh Birmingham Hamburg Lima Cuba Japan Chicago London Rome Hong Kong Amsterdam Budapest",
    "number": "one two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty-five fifty-seven sixty-two ninety-nine a hundred two thousand a million five million half a dozen twenty-one first second fifth twelfth",
    "preposition": "by from with for of before behind above below between among beside under over into upon without through past off around along toward from by for with",
    "pronoun": "I you he she we they everybody somebody nobody my mother your father both of them",
    "object": "me you him her us them it everybody somebody nothing something everything my brother your wife",
    "modal": "may might must would could should will won't can can't may not must never",
    "question": "who what when where why how whose which whom what time how many how much how far which way",
}
"""English words by class, separated by blanks."""

PATTERNS = (
    "the adjective noun verb the noun preposition the adjective noun",
    "pronoun modal never verb object preposition a noun",
    "question did name verb preposition place?",
    "name and name adverb verb number adjective noun",
    "if pronoun verb the noun, pronoun modal verb object adverb",
    "verb the noun, verb the noun, and adverb verb the adjective noun",
    "number noun and number noun preposition the noun",
    "my noun is adjective, but your noun is more adjective",
    "pronoun adverb verb that name modal verb preposition place",
    "why would pronoun verb such a adjective noun?",
    "name, verb object!",
    "both the noun and the noun were adjective, adjective and adjective",
    "pronoun verb object before the noun, and pronoun verb object after it",
    "in place, every noun has a adjective noun",
    "pronoun modal have been adjective, said name",
    "noun preposition noun preposition noun",
    "adjective adjective noun",
    "what a adjective noun!",
    "there were number noun between place and place",
    "believe me, pronoun verb the noun adverb",
    "please, verb my noun with a adjective noun",
    "on the number of the month, name verb a noun from place",
    "whoever verb the noun, pronoun modal be adjective",
    "adverb, the noun of place verb",
)
"""Lower-case words that are keys of `WORDS` are replaced; the rest is spoken as it stands."""

WORLD = {
    "de": "Mutter Vater Baum Apfel Buch Blume Fenster Fuß Vogel Wasser Wolke immer bitte über für wir wollen möchten vielleicht haben bleiben lieben schön grün böse Brücke Sprache Kopf Pferd Pflaume Zug fünf zwölf zwei Woche Freund Abend Morgen warum wohin niemand jemand auf und aber oder mit von",
    "fr": "bonjour maman papa pomme bateau fenêtre vache fleur voiture fromage livre famille montagne rivière oiseau blanc bleu vert rouge petit grand beau vieux nouveau je tu nous vous avons pouvons voulons mangeons parler boire vivre femme homme enfant peuple demain matin beaucoup peu où pourquoi avec pour sans mais oui",
    "es": "mamá papá bebé manzana barco ventana vaca flor libro familia montaña viaje pueblo blanco bueno viejo nuevo pequeño bonito yo tú nosotros vivimos podemos bebemos hablar mover volver hombre mujer niño amigo problema palabra mañana mucho poco cómo porqué con para sin pero también siempre nunca",
    "it": "mamma babbo bambino mela barca finestra fiore libro famiglia montagna fiume uovo bianco buono vecchio nuovo piccolo bello io tu noi voi abbiamo possiamo beviamo parlare muovere vivere uomo donna amico problema parola domani molto poco come perché con per senza ma anche sempre mai",
    "pt": "mamãe papai bebê maçã barco janela vaca flor livro família montanha viagem povo branco bom velho novo pequeno bonito eu você nós vivemos podemos bebemos falar mover voltar homem mulher menino amigo problema palavra amanhã muito pouco como por quê com para sem mas também sempre nunca",
    "nl": "moeder vader boom appel boek bloem venster voet vogel water wolk altijd alstublieft voor wij willen mogen misschien hebben blijven lief mooi groen boos brug taal hoofd paard pruim trein vijf twaalf twee week vriend avond morgen waarom niemand iemand op en maar of met van",
    "pl": "mama tata baba jabłko książka kwiat okno ptak woda chmura zawsze proszę bardzo my chcemy możemy być mieć kochać piękny zielony most mowa głowa koń pięć dwanaście dwa przyjaciel wieczór rano dlaczego nikt ktoś na pod przed bo ale albo z od",
    "ru": "мама папа баба яблоко книга цветок окно птица вода облако всегда пожалуйста очень мы хотим можем быть любить красивый зелёный мост голова пять двенадцать два друг вечер утро почему никто на под перед но или с от белый большой маленький бумага",
    "cmn": "妈妈 爸爸 宝宝 苹果 朋友 明天 不要 没有 什么 漂亮 飞机 方法 办法 保护 美丽 马上 跑步 平安 北方 木头 目标 普通 部分 发现 反复 我们 问题 文化 五月 无法 雨 月亮 学生 喜欢 工作 生活 说话 知道 非常 风 父母 服务",
    "sv": "mamma pappa barn äpple bok blomma fönster fågel vatten moln alltid snälla mycket vi vill får kanske ha bli älska vacker grön bro språk huvud häst fem tolv två vän kväll morgon varför ingen någon på under före och men eller med av",
    "tr": "anne baba bebek elma kitap çiçek pencere kuş su bulut her zaman lütfen çok biz istiyoruz belki güzel yeşil köprü dil baş beş on iki arkadaş akşam sabah neden hiç kimse üzerinde altında ve ama veya ile büyük küçük mavi beyaz",
    "ja": "まま ぱぱ ほん みず いつも ともだち べんきょう びょういん ふね ぶんか たべもの ぼうし むすめ まいにち わたし あめ ゆうべ なまえ ぼく もういちど へや ふゆ なつ あした どうぞ ありがとう",
    "fi": "äiti isä lapsi omena kirja kukka ikkuna lintu vesi pilvi aina kiitos paljon minä sinä hän me haluamme voimme ehkä kaunis vihreä silta kieli pää hevonen viisi kaksi yksi ystävä ilta aamu miksi kukaan mutta ja tai kanssa pieni suuri musta hyvä yö työ puhua mennä",
    "cs": "máma táta dítě jablko kniha květina okno pták voda mrak vždy prosím velmi my chceme můžeme být mít milovat krásný zelený most řeč hlava kůň pět dvanáct dva přítel večer ráno proč nikdo někdo na pod před ale nebo s od bílý velký malý papír auto",
    "hu": "anya apa gyerek alma könyv virág ablak madár víz felhő mindig kérem nagyon mi akarunk lehet szeretni szép zöld híd nyelv fej ló öt tizenkettő kettő barát este reggel miért senki valaki alatt előtt de vagy fehér nagy kicsi papír autó beszélni menni",
    "el": "μαμά μπαμπάς παιδί μήλο βιβλίο λουλούδι παράθυρο πουλί νερό σύννεφο πάντα παρακαλώ πολύ εμείς θέλουμε μπορούμε ίσως αγαπώ όμορφος πράσινος γέφυρα γλώσσα κεφάλι άλογο πέντε δώδεκα δύο φίλος βράδυ πρωί γιατί κανένας κάποιος κάτω μπροστά αλλά ή με από άσπρος μεγάλος μικρός",
    "id": "ibu bapak anak apel buku bunga jendela burung air awan selalu tolong sangat kami mau boleh mungkin cinta indah hijau jembatan bahasa kepala kuda lima dua belas dua teman malam pagi mengapa siapa seseorang di bawah depan tetapi atau dengan dari putih besar kecil kertas mobil berbicara pergi",
    "ko": "엄마 아빠 아기 사과 책 꽃 창문 새 물 구름 항상 부탁 매우 우리 원해요 아마 사랑 아름다운 초록 다리 언어 머리 말 다섯 열둘 둘 친구 저녁 아침 왜 누구 아래 앞 그러나 또는 함께 하얀 큰 작은 종이 말하다 가다 밥 바람 봄 비",
    "ro": "mama tata copil măr carte floare fereastră pasăre apă nor mereu vă rog foarte noi vrem putem poate iubesc frumos verde pod limbă cap cal cinci doisprezece doi prieten seară dimineață de ce nimeni cineva sub înainte dar sau cu din alb mare mic hârtie mașină vorbesc merg",
}
"""A few dozen words of other languages, for sounds and sequences that English lacks."""
