package demo

import "github.com/jumpgate-audio/jumpgate/gateway/demo/moods"

// album is one record of the demo library. Nobody on it exists.
type album struct {
	artist, title string
	year          int
	genre, mood   string
	compose       moods.Composer
	beats         []float64 // in a bar, by variant
	loudness      float64   // LUFS
	art           art
	joined        bool // pieces flow into each other in pairs, without a gap
	pieces        []piece
}

// piece is one track.
type piece struct {
	title   string
	key     int // semitones above C
	tempo   float64
	bars    int
	variant int
}

// catalogue lists the whole demo library; what is quickly made comes first.
func catalogue() []album {
	four, waltz, sanjo := []float64{4}, []float64{4, 3}, []float64{6}
	return []album{
		{
			artist: "Ines Varga-Holt", title: "Nocturnes for a Small Room", year: 2019, genre: "Solo Piano", mood: "Dreamy",
			compose: moods.Nocturne, beats: waltz, loudness: -17.5, art: art{keys, 0x101820, 0x2e4057, 0xf6f1e5},
			pieces: []piece{
				{"Lamp", 0, 84, 8, 0},
				{"Letter, Unsent", -2, 108, 14, 1},
				{"Stairs at Two", 2, 80, 8, 2},
				{"Waltz of the Curtains", 0, 116, 15, 3},
				{"Radiator Song", -1, 88, 8, 4},
				{"Before the Birds", 2, 104, 13, 5},
			},
		},
		{
			artist: "Pixel Orchard", title: "Bonus Stage", year: 2020, genre: "Chiptune", mood: "Playful",
			compose: moods.Chip, beats: four, loudness: -16.5, art: art{pixels, 0x1a1c2c, 0x41a6f6, 0xffcd75},
			pieces: []piece{
				{"Press Start", 0, 152, 11, 0},
				{"Apple Thieves", 2, 164, 12, 1},
				{"Cloud Ladder", -2, 140, 11, 2},
				{"The Shopkeeper Lies", 0, 148, 11, 3},
				{"Lava? Again?", 3, 172, 13, 4},
				{"Save Point", 5, 132, 10, 0},
				{"Credits Roll Uphill", -1, 158, 12, 2},
			},
		},
		{
			artist: "지하 2층 (Basement Two)", title: "환승", year: 2025, genre: "Techno", mood: "Driving",
			compose: moods.House, beats: four, loudness: -16, art: art{lines, 0x05192d, 0x0077b6, 0xcaf0f8},
			pieces: []piece{
				{"2호선", 1, 126, 10, 1},
				{"Platform Edge", -3, 128, 10, 3},
				{"마지막 칸", 3, 125, 10, 1},
			},
		},
		{
			artist: "윤슬 (Yunseul)", title: "물결 위의 달", year: 2020, genre: "Gugak", mood: "Serene",
			compose: moods.Sanjo, beats: sanjo, loudness: -17, art: art{waves, 0x14213d, 0x3a6ea5, 0xfca311},
			pieces: []piece{
				{"달빛 나루", 2, 68, 4, 0},
				{"버들가지", 4, 74, 4, 1},
				{"강 건너 불빛", 0, 64, 4, 2},
				{"은어", 7, 80, 5, 3},
			},
		},
		{
			artist: "Wren & Alder", title: "Hedgerow Songs", year: 2018, genre: "Folk", mood: "Warm",
			compose: moods.Folk, beats: waltz, loudness: -16.5, art: art{leaves, 0x2f3e2e, 0x7f9c5c, 0xf1e3c6},
			pieces: []piece{
				{"The Gate at Harrow Lane", 0, 100, 9, 0},
				{"Bramble Waltz", 0, 132, 15, 1},
				{"Salt Cellar", 2, 104, 10, 2},
				{"Apples for Edith", -2, 138, 16, 3},
				{"Long Way, Short Coat", 0, 96, 9, 4},
				{"Candle Fair", 2, 126, 15, 5},
			},
		},
		{
			artist: "Marlowe Street Trio", title: "Quarter to One", year: 2016, genre: "Jazz", mood: "Late Night",
			compose: moods.Jazz, beats: four, loudness: -16.5, art: art{shapes, 0x12355b, 0xd72638, 0xf2e8cf},
			pieces: []piece{
				{"Coat Check", 0, 138, 11, 0},
				{"Not That Kind of Blue", 0, 120, 10, 1},
				{"Two Olives", -1, 152, 12, 2},
				{"The Last Waiter", 0, 112, 9, 3},
				{"Marlowe Street", 2, 144, 11, 4},
				{"Quarter to One", -2, 126, 10, 5},
			},
		},
		{
			artist: "골목 고양이", title: "막차", year: 2024, genre: "Lo-Fi Hip Hop", mood: "Mellow",
			compose: moods.LoFi, beats: four, loudness: -16.5, art: art{windows, 0x1b1b3a, 0x693668, 0xf7b267},
			pieces: []piece{
				{"편의점 불빛", 2, 80, 7, 2},
				{"이어폰 한 쪽", -1, 74, 6, 4},
				{"지붕 위에서", 4, 86, 8, 0},
				{"집으로", -3, 77, 7, 1},
			},
		},
		{
			artist: "안개등대 (Fog Lighthouse)", title: "새벽의 항구", year: 2023, genre: "Ambient", mood: "Calm",
			compose: moods.Ambient, beats: four, loudness: -18, art: art{moonrise, 0x0d1b2a, 0x415a77, 0xe0e1dd},
			pieces: []piece{
				{"등대지기", -2, 64, 6, 1},
				{"물안개", 3, 60, 5, 4},
				{"첫 배", 5, 66, 6, 3},
				{"갈매기의 꿈", 0, 63, 6, 4},
			},
		},
		{
			artist: "Second Floor Café", title: "Rain on Tuesday", year: 2022, genre: "Lo-Fi Hip Hop", mood: "Mellow",
			compose: moods.LoFi, beats: four, loudness: -16.5, art: art{rain, 0x3d2c2e, 0xb07d62, 0xf4d6a0},
			pieces: []piece{
				{"Window Seat", 0, 78, 7, 0},
				{"Umbrella Stand", -2, 82, 8, 1},
				{"Refill", 3, 76, 7, 3},
				{"Half Past Four", 1, 84, 8, 5},
			},
		},
		{
			artist: "윤슬 (Yunseul)", title: "Wind in the Pines", year: 2024, genre: "Gugak", mood: "Serene",
			compose: moods.Sanjo, beats: sanjo, loudness: -17, art: art{mountains, 0xe9e4d4, 0x3c4f46, 0x8c2f39},
			pieces: []piece{
				{"Ink and Water", 5, 70, 4, 4},
				{"솔바람", 2, 66, 4, 5},
				{"Stone Steps", 0, 76, 4, 1},
				{"Far Bell", 4, 62, 4, 2},
			},
		},
		{
			artist: "Kontur Null", title: "Night Shift", year: 2023, genre: "Deep House", mood: "Driving",
			compose: moods.House, beats: four, loudness: -16, art: art{rings, 0x0b090a, 0x660708, 0xf5f3f4}, joined: true,
			pieces: []piece{
				{"Clock In", 0, 122, 12, 0},
				{"Conveyor", 0, 122, 12, 0},
				{"Loading Bay", -2, 124, 12, 2},
				{"Clock Out", -2, 124, 12, 2},
			},
		},
		{
			artist: "The Lantern Ensemble", title: "Suite for Falling Snow", year: 2017, genre: "Orchestral", mood: "Cinematic",
			compose: moods.Strings, beats: four, loudness: -17, art: art{snow, 0x1d2d44, 0x748cab, 0xf0ebd8}, joined: true,
			pieces: []piece{
				{"I. The First Flake", 0, 78, 8, 0},
				{"II. Roofs, Whitening", 0, 78, 8, 0},
				{"III. A Road Disappears", 2, 84, 8, 2},
				{"IV. Lanterns", 2, 84, 8, 2},
				{"V. Thaw", 0, 76, 8, 1},
				{"VI. Meltwater", 0, 76, 8, 1},
			},
		},
		{
			artist: "Tidewater Atlas", title: "Slow Light", year: 2021, genre: "Ambient", mood: "Calm",
			compose: moods.Ambient, beats: four, loudness: -18, art: art{hills, 0x16324f, 0x4f8a8b, 0xf2d0a4}, joined: true,
			pieces: []piece{
				{"First Shore", 0, 62, 6, 0},
				{"Second Shore", 0, 62, 6, 0},
				{"Cartography of Fog", -3, 60, 6, 2},
				{"What the Tide Kept", -3, 60, 6, 2},
			},
		},
	}
}
