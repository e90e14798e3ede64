// What the article's job in Go calls and does not have.

package main

import "errors"

// Record is a row of a table.
type Record struct{ ID int }

func fetchSourceRecords(table string) ([]Record, error) {
	if table == "inventory" && getEnv("INVENTORY", "") == "down" {
		return nil, errors.New("no inventory")
	}
	return []Record{{1}, {2}, {3}}, nil
}

func checkDestinationRecord(_ string, id int) (bool, error) { return id == 1, nil }

func insertDestinationRecord(string, Record) error { return nil }

func updateDestinationRecord(string, Record) error { return nil }

func syncDeletions(string) (int, error) { return 4, nil }
