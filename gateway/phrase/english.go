package phrase

import "maps"

// english has one sentence a code. {1} and {2} are its arguments in order.
var english = map[Code]string{
	BrokeOff:           "A track broke off: {1}",                                          // cause
	Skipped:            "Skipped “{1}”: {2}",                                              // track, cause
	SkippedOne:         "Skipped a track: {1}",                                            // cause
	Stopped:            "Stopped: {1}",                                                    // cause
	StoppedMany:        "Stopped: {1} tracks in a row could not be played. The last: {2}", // number, cause
	NoDevice:           "No device in this zone: add one and the music goes on.",
	LeftZone:           "{1} left the zone: {2}",                  // device, cause
	LeaderFailed:       "{1}: {2}",                                // device, cause
	StreamInstead:      "{1} gets the zone's stream instead: {2}", // device, cause
	NotSaved:           "Changes cannot be saved: {1}",            // cause
	Unapproved:         "Its buttons do nothing until you approve it.",
	NotJoined:          "It could not join its zone: {1}", // cause
	DeviceLeft:         "It left its zone: {1}.",          // cause
	DeviceStopped:      "Somebody stopped it on the device, so it left its zone. Put it back when you want it.",
	TakenOut:           "Somebody at the device took it out of its zone. Put it back when you want it.",
	OtherSource:        "Something else plays on it now, so it left its zone. Put it back when you want it.",
	DeviceTaken:        "It plays somebody else now, so it left its zone. Put it back when you want it.",
	DeviceTakenBy:      "It plays {1} now, so it left its zone. Put it back when you want it.", // app
	AnotherServer:      "It plays for another server now. Put it into a zone to take it back.",
	AnotherServerKeeps: "It plays for another server now. It comes back when that lets go of it.",
	OtherServerHasIt:   "Another server has it. It is tried again every half a minute; put it into a zone to take it.",
	ShutDown:           "It was switched off. It is connected again when it shows up on the network, or when you put it into a zone.",
	Restarts:           "It is restarting, and is connected again when it is back.",
	LeftByHand:         "Somebody at the device ended the connection. Put it into a zone to connect it again.",
	LeftByHandAway:     "Somebody at the device ended the connection. Connect it again at the device.",
	NotAllowed:         "It does not let this gateway play on it. Pair it, or put it into a zone to try again.",
	PairingDropped:     "The pairing with it was dropped. Pair it anew, or put it into a zone to use it without.",
	NotAnswering:       "It is not answering at {1}: {2}.", // host:port, cause
	NeverFetched: "It took the music but never fetched it from {1}: a firewall may be in the way. " + // host:port, port
		"Allow incoming TCP port {2} on this machine; in a container or behind another router, " +
		"say with --advertise which address the device can reach.",
	PairingLost:        "It has lost the key of its pairing. Pair it anew.",
	PairingRequired:    "It plays for nobody without pairing. Pair it.",
	NotConnected:       "It is not connected now.",
	PairingNotOffered:  "It cannot be paired in this way.",
	PairingDigits:      "The code has {1} digits.",
	PairingToken:       "This is no pairing token of this kind, or a part of it is missing. A token begins with SP:.",
	PairingOtherDevice: "This token belongs to another device.",
	PairingNotWanted:   "The device does not wait for a code now.",
	NoAnnouncements:    "No device there plays announcements now.",
	CertificateRefused: "It shows another certificate than before, which you have refused: it is not connected. Accept it if the device was reset.",

	NoPermission:    "permission denied",
	NotThere:        "no such file or directory",
	DiskFull:        "no space left on the disk",
	ReadOnly:        "the disk can only be read",
	DiskFails:       "the disk fails",
	Refused:         "connection refused",
	NoRoute:         "it cannot be reached on the network",
	TookTooLong:     "it took too long",
	ConnectionEnded: "it ended the connection",
	Mute:            "it takes connections, or loses them, and says nothing; switch it off and on",
	MutePort:        "it takes connections and says nothing; switch it off and on, or look at its port",
	NothingThere:    "nothing is there, or a firewall is in the way",
	WebServerThere:  "a web server is there, but no player: look at its port",

	TrackGone:         "it is not in the library any more",
	FileGone:          "its file is gone",
	FolderUnreachable: "the music folder cannot be reached",
	FolderEmpty:       "it is empty; is its disk mounted?",
	FolderReplaced:    "another folder took its place during the scan",
	Damaged:           "its file is damaged",
	NoDecoder:         "it is in a codec that cannot be decoded",
	NeedsFFmpeg:       "ffmpeg is needed to play it",
	NothingToPlay:     "there is nothing to play",
	EncoderSlow:       "this machine is too slow to encode for it",

	Silent:          "it took the music and says nothing",
	PlaysAlone:      "it cannot play together with others",
	TakenOver:       "somebody else took the device",
	DeviceGone:      "the device is gone",
	StoppedThere:    "somebody stopped it on the device",
	StreamRefused:   "it does not play the zone's stream",
	Offline:         "the device is not connected",
	NothingLoaded:   "nothing is loaded on the device",
	CertificateNew:  "the device's certificate has changed",
	DeviceRefused:   "the device refused ({1})", // what it said
	FetchOrFormat:   "the device could not play this: it may not be able to fetch it, or not know the format",
	Hangs:           "the device took it and hangs",
	CouldNotFetch:   "it could not fetch the audio, which a firewall may cause",
	FormatNotPlayed: "it cannot play this format",
	PlaylistUnread:  "it could not read the playlist",
	ReceiverFailed:  "its player failed",

	WhyContext:    "From {1}.",                                  // the context's name
	WhyPlaylist:   "Shares playlists with “{1}”.",               // title
	WhyBeside:     "By somebody who shares playlists with {1}.", // artist
	WhySession:    "Often heard together with “{1}”.",           // title
	WhyAlbum:      "From {1}, like “{2}”.",                      // album, title
	WhyArtist:     "More by {1}.",                               // artist
	WhyTags:       "{1}, like the music around it.",             // tags joined by ", "
	WhySound:      "Sounds like “{1}”.",                         // title
	WhyFavourite:  "Because you like it.",
	WhyForgotten:  "You like it and have not heard it for a while.",
	WhyTaste:      "Because you like {1}.", // artist or tag
	WhyPlayedOnce: "Because you played it lately.",
	WhyPlayed:     "Because you played it {1} times lately.", // number
	WhyHome:       "Because it is heard at home.",
	WhyNew:        "Something from your library that you have not heard yet.",

	ScanEmpty:          "the file is empty",
	ScanVanished:       "it was gone before it could be read",
	ScanNoPermission:   "no permission to read it",
	ScanDamaged:        "damaged, or not what its name says: {1}",                    // cause
	ScanTags:           "its tags are damaged and were read as far as possible: {1}", // cause
	ScanReaderFailed:   "the reader failed on it; please report this file",
	ScanFolder:         "the folder cannot be read: {1}", // cause
	ScanTooDeep:        "folders are nested too deeply",
	ScanNotRegular:     "not a regular file",
	ScanDeadLink:       "a link that leads nowhere, or out of the music folder",
	ScanFolderLink:     "a link to a folder is not followed; name that folder as a music folder too",
	ScanUnreachable:    "the music folder cannot be reached: {1}",                                                      // cause
	ScanUnreachableHas: "the music folder cannot be reached: {1}; its {2} tracks stay in the library until it is back", // cause, number
	ScanStopped:        "the scan had to stop: {1}",                                                                    // cause
	ScanDiskFull:       "the scan had to stop: no space left in the data folder",
	WaitsForFFmpeg:     "needs ffmpeg",
	WaitsForDecoder:    "in a codec that cannot be decoded",

	Program:          "{1}", // what a program got wrong
	NotFound:         "There is no such thing here (any more).",
	NoCover:          "There is no such picture here.",
	NoTrack:          "A track is not in the library (any more).",
	NoEntry:          "That entry is not in the queue any more.",
	NoListener:       "There is no such listener (any more).",
	ListenersFull:    "A home has {1} listeners at most.",
	ScrobbleURL:      "That is not the address of a scrobbling service. It looks like https://api.listenbrainz.org.",
	ScrobbleRefused:  "The service does not accept this token.",
	ScrobbleWaits:    "The service cannot be reached now; the listens wait here: {1}",
	NoZone:           "There is no such zone (any more).",
	NoMedia:          "There is no such media here.",
	MediaUnsigned:    "This media URL is not signed by this gateway, or its time is over.",
	EmptyQueue:       "The queue is empty and the library has nothing to flow from.",
	QueueChanged:     "Somebody changed the queue in the meantime; look again.",
	QueueFull:        "Take something out of the queue first.",
	ZoneClosed:       "The zone was deleted, or the gateway is stopping.",
	Exists:           "Something with that name or address is here already.",
	NoSpace:          "Nothing can be kept until there is space on the gateway's disk; what plays goes on.",
	Stopping:         "The gateway is stopping.",
	ProblemSilent:    "The device took the music and says nothing; switch it off and on.",
	ProblemGone:      "The device does not answer any more.",
	ProblemTaken:     "Somebody else took the device.",
	ProblemAlone:     "This device cannot play together with others.",
	LastZone:         "A gateway always has a zone.",
	Busy:             "The gateway did not get it done in time; try again.",
	Ended:            "The request ended before it was done.",
	TooLarge:         "At most {1} bytes are taken here.", // number
	Internal:         "The gateway's log says what.",
	Unhealthy:        "The gateway's log says what is wrong.",
	Bug:              "The gateway's log says more; please report it.",
	TooManyTries:     "Wait a little before the next try.",
	Claimed:          "This gateway has an account; sign in.",
	WrongCode:        "That is not the setup code. It is shown where Jumpgate was started: in its terminal, or in its log.",
	NameLength:       "A name has 1 to {1} characters.", // number
	NameControl:      "A name has no control characters.",
	PasswordShort:    "A password has {1} characters or more.", // number
	PasswordLong:     "The password is too long.",
	WrongPassword:    "The name or the password is wrong.",
	NotSignedIn:      "Sign in first.",
	OnlyPerson:       "Only a person who is signed in can do this.",
	NothingPlayable:  "There is nothing in it that can be played.",
	AddressForm:      "address must be an IP address or a host name, with or without a port.",
	AddressUnusable:  "{1} is no device in this home: no such name was found, or it is no address of a home's network. Give an address or a name, with its port where that is not the usual one.", // address
	NotManual:        "It was found on the network, not added by its address: it cannot be taken out.",
	DevicesFull:      "There are too many devices; forget some that were added by their address.",
	GroupOffline:     "The group is not connected now: put it into a zone first.",
	MemberUnknown:    "{1} was not found on the network by itself.", // device
	CertificateKnown: "It shows the certificate that is known: there is nothing to decide.",
	TooManyTracks:    "At most {1} tracks.",           // number
	SearchLong:       "q has at most {1} characters.", // number
	NoOpus:           "This build has no Opus encoder; make builds one with it.",
	NoStreams:        "This gateway serves no media.",
	WrongHost:        "Use the gateway's IP address, or add this name to its configuration.",
	CrossOrigin:      "Pages of other sites may not control this gateway.",
}

// English returns the sentence of every code.
func English() map[Code]string { return maps.Clone(english) }
