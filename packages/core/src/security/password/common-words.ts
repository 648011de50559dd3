/**
 * Words that people commonly make passwords of: greetings, names, pets, sports, brands, places, seasons, wishes. Gathered
 * for this project from general knowledge, not taken from any list; {@link isCommonPassword} knows their variations, so
 * that these few hundred stand for some millions of passwords.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  pass passwd password passwort passphrase motdepasse contrasena senha parola login logon access secret secure security
  private admin administrator adm root user guest test tester testing temp temporary default changeme letmein welcome
  hello hallo hola bonjour ciao hi hey goodbye please thanks whatever nothing something anything everything trustno
  master manager owner boss chief king queen prince princess knight lord lady hero legend genius champion winner player
  computer laptop internet network system server windows linux ubuntu debian apple google android microsoft oracle cisco
  samsung sony nokia motorola nintendo playstation xbox facebook twitter youtube instagram yahoo hotmail gmail amazon
  myspace linkedin adobe photoshop wordpress database mysql postgres demo sample example public office work business
  company service support helpdesk student teacher school college university doctor engineer lawyer police soldier
  love loveyou iloveyou iloveu ilove iloveme loveme lovely lover lovers mylove sweet sweetie sweetheart honey baby babe
  babygirl babyboy darling angel angels heart hearts kiss kisses forever always family mother father mama papa mommy
  daddy sister brother friend friends bestfriend girl boy girls boys wife husband sexy hottie beautiful beauty pretty
  cutie handsome happy happiness smile smiley lucky luck joy freedom peace hope faith trust believe dream dreams dreamer
  heaven paradise destiny blessed blessing jesus christ god lord allah buddha church bible amen spirit soul saint
  sunshine sunrise sunset sun moon star stars starlight moonlight sky bluesky rainbow rain storm thunder lightning snow
  snowball snowman winter spring summer autumn fall january february march april may june july august september october
  november december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday birthday christmas
  holiday vacation weekend party midnight morning night
  dragon monkey tiger lion bear wolf wolves fox eagle falcon hawk raven phoenix panther jaguar cougar leopard cheetah
  horse pony donkey cow pig chicken turkey duck rabbit bunny mouse cat cats kitty kitten kitkat dog dogs doggy puppy
  hamster turtle frog froggy fish dolphin dolphins shark whale penguin elephant giraffe zebra gorilla spider scorpion
  snake cobra viper butterfly bird buffalo bulldog bulldogs beagle husky tweety tigger pooh winnie garfield snoopy
  mickey minnie donald pluto goofy barbie batman superman spiderman ironman wolverine hulk thor joker robin catwoman
  avengers marvel pokemon pikachu naruto goku vegeta dragonball mario luigi zelda sonic kirby minecraft roblox fortnite
  warcraft starcraft diablo halo counterstrike callofduty starwars startrek skywalker vader yoda jedi matrix neo trinity
  gandalf frodo aragorn legolas hobbit hogwarts harrypotter potter hermione voldemort merlin wizard magic magician witch
  vampire zombie ghost monster demon devil lucifer satan angelus darkness shadow dark light killer hunter ranger sniper
  assassin samurai ninja viking pirate warrior fighter gladiator spartan trooper terminator predator alien robot cyborg
  football soccer baseball basketball volleyball softball hockey tennis golf golfer rugby cricket boxing karate wrestling
  swimming swimmer surfing surfer skater skating runner running racing racer driver biker cowboy cowboys fishing hunting
  liverpool chelsea arsenal manchester united barcelona realmadrid juventus milan inter bayern dortmund ajax celtic
  rangers everton tottenham westham lakers bulls celtics knicks yankees redsox dodgers mets cubs braves giants tigers
  steelers packers raiders eagles patriots broncos cowboys vikings dolphins bears lions saints falcons panthers ravens
  ronaldo messi neymar beckham jordan kobe lebron maradona pele zidane
  michael michelle jennifer jessica ashley amanda matthew joshua daniel david robert james john william richard thomas
  charles charlie christopher chris andrew andrea anthony alexander alexandra alex alexis benjamin brandon brian bryan
  caroline catherine christian christina christine claudia crystal danielle diana edward elizabeth emily eric erica
  fernando francis frank gabriel george hannah heather henry isabella jacob jackson jasmine jason jeremy jonathan joseph
  justin karen katherine kathleen katie kevin kimberly laura lauren linda lisa louis lucas madison margaret maria mariana
  marie mark martin mary megan melissa miguel monica morgan natalie natasha nathan nicholas nicole oliver olivia patricia
  patrick paul peter philip rachel rebecca richard ryan sabrina samantha samuel sandra sarah scott sebastian sharon sophia
  sophie stephanie stephen steven susan taylor teresa tiffany timothy tyler valentina vanessa veronica victor victoria
  vincent walter zachary carlos juan jose luis pedro pablo antonio manuel roberto ricardo alejandro eduardo diego sergio
  javier ahmed mohamed mohammed muhammad ali fatima ivan dmitry sergey andrey alexey natalia olga svetlana tatiana
  vladimir igor maxim anna elena marina irina hans stefan thomas sabine petra wolfgang pierre jean marie camille louise
  giovanni giuseppe francesco marco luca paolo rahul priya amit deepak sanjay kumar krishna ganesh shiva india wei ming
  america england london paris berlin madrid roma italia italy france germany deutschland espana spain russia moscow china
  japan tokyo canada mexico brasil brazil argentina australia sydney newyork boston chicago dallas houston texas florida
  california hollywood lasvegas vegas miami orlando atlanta seattle denver hawaii alaska arizona colorado montana
  ferrari porsche mercedes bmw audi toyota honda nissan suzuki yamaha kawasaki ducati harley davidson mustang corvette
  camaro chevrolet chevy dodge viper jeep hummer volkswagen golfgti subaru mazda lexus lamborghini bugatti
  money dollar dollars euro cash gold golden silver platinum diamond diamonds ruby emerald crystal pearl million
  millionaire rich success power energy fire water earth wind ice blue black white red green yellow orange purple pink
  brown silver rainbow chocolate vanilla cookie cookies candy sugar honey banana apple apples orange lemon cherry
  strawberry peach peaches mango coconut pineapple pepper ginger cheese butter bacon pizza burger hotdog popcorn pretzel
  peanut coffee tea beer wine whiskey vodka tequila corona budweiser heineken pepsi cocacola cola water milk
  rock rocknroll metal metallica nirvana slipknot linkinpark greenday eminem tupac beatles elvis madonna britney rihanna
  beyonce shakira justinbieber onedirection music guitar piano drums drummer dancer dancing singer artist hiphop reggae
  flower flowers rose roses daisy lily violet jasmine lotus forest mountain river ocean beach island desert garden tree
  airplane rocket spaceship galaxy universe planet mars jupiter saturn apollo zeus athena hercules achilles cleopatra
  fuckyou fuckoff fuckme fuck fucker shit bullshit bitch asshole bastard dickhead sucker suckit pussy boobs penis porn
  sexsex sexysexy hentai stupid idiot loser crazy insane psycho maniac badboy badgirl bigdaddy bigboy playboy gangster
  thug killer hacker hacking cracker matrix cyber dropdead blink offspring nopassword mypassword yourpassword thepassword
  abc abcd abcde qwe qwer qwert qwerty qwertz azerty asdf zxcv qaz wsx wordpass drowssap letmeinnow openup opensesame
  sesame iamgod iamtheone imthebest number one two three four five six seven eight nine ten zero first second last
  blahblah blabla lalala hahaha lolololol foobar foo bar baz qux lorem ipsum
  `
    .trim()
    .split(/\s+/),
)
