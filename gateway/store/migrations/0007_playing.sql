-- Plays that go on are few among many.
CREATE INDEX plays_going ON plays (end) WHERE end = 'playing';
