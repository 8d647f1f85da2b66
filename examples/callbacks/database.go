package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// connections is how many the inbox may hold at once. One writes; the others read.
const connections = 8

// openInbox opens the database that the flags name, and an inbox in it.
func openInbox(ctx context.Context, cfg config, observer inbox.Observer) (*sql.DB, *inbox.Box, error) {
	driver, dsn, dialect := "pgx", cfg.dsn, sqlstore.Postgres
	if dsn == "" {
		if err := checkFile(cfg.db); err != nil {
			return nil, nil, fmt.Errorf("-db %s: %w", cfg.db, err)
		}
		driver, dsn, dialect = "sqlite", fileURI(cfg.db), sqlstore.SQLite
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, nil, fmt.Errorf("open the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	box, err := inbox.Open(ctx, db, dialect, inbox.WithObserver(observer))
	if err != nil {
		flag := "-dsn"
		if cfg.dsn == "" {
			flag = "-db " + cfg.db
		}
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", flag, err), db.Close())
	}
	return db, box, nil
}

// checkFile finds what SQLite would report in words that do not help, and respects a file
// that was made read-only even where root could write to it.
func checkFile(name string) error {
	folder := filepath.Dir(name)
	switch info, err := os.Stat(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s does not exist; make it first", folder)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", folder)
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("this is not a file")
	case info.Mode().Perm()&0o222 == 0:
		return sqlstore.ErrReadOnly
	}
	return nil
}

// fileURI names a file for SQLite, whatever characters are in its name.
func fileURI(name string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(name)}).EscapedPath()
}
