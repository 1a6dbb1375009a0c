// Command jumpgate finds every speaker and player of a home and plays music on
// them without ever stopping.
//
// Each command is one file here; all of them are thin: they read settings, and
// hand over to package gateway. Settings come from, in rising precedence,
// built-in defaults, a TOML file, the environment (JUMPGATE_…) and flags.
package main
