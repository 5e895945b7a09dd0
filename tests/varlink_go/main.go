// SPDX-License-Identifier: ISC
//
// A stranger's client: what it prints, it learnt from the daemon through
// Debian's Varlink library for Go, for tests/varlink_go.sh to look at.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

type object map[string]interface{}

func fatal(err error) {
	if e, ok := err.(*varlink.Error); ok {
		raw, _ := json.Marshal(e.Parameters)
		fmt.Printf("error %s %s\n", e.Name, raw)
	} else {
		fmt.Printf("error %T %+v\n", err, err)
	}
	os.Exit(1)
}

func info(c *varlink.Connection) error {
	var vendor, product, version, url string
	var interfaces []string
	err := c.GetInfo(context.Background(), &vendor, &product, &version, &url, &interfaces)
	if err == nil {
		fmt.Println(product, version, strings.Join(interfaces, " "))
	}
	return err
}

// Prints the names of the methods, then of the errors, as the library's own
// parser of interfaces reads them.
func describe(c *varlink.Connection, name string) error {
	text, err := c.GetInterfaceDescription(context.Background(), name)
	if err != nil {
		return err
	}
	parsed, err := idl.New(text)
	if err != nil {
		return err
	}
	var methods, errors []string
	for _, method := range parsed.Methods {
		methods = append(methods, method.Name)
	}
	for _, e := range parsed.Errors {
		errors = append(errors, e.Name)
	}
	sort.Strings(methods)
	sort.Strings(errors)
	fmt.Println(parsed.Name, strings.Join(methods, " "), ":", strings.Join(errors, " "))
	return nil
}

// Arguments are name=value; a value that is JSON is taken as such.
func parameters(arguments []string) object {
	out := object{}
	for _, argument := range arguments {
		pair := strings.SplitN(argument, "=", 2)
		var value interface{}
		if json.Unmarshal([]byte(pair[1]), &value) != nil || strings.Trim(pair[1], "0123456789") == "" {
			value = pair[1]
		}
		out[pair[0]] = value
	}
	return out
}

func call(c *varlink.Connection, method string, arguments []string) error {
	var out object
	err := c.Call(context.Background(), method, parameters(arguments), &out)
	if err == nil {
		text, _ := json.Marshal(out)
		fmt.Println(string(text))
	}
	return err
}

// Prints a row a line; ends with the list, or after the "limit" first ones.
func stream(c *varlink.Connection, method string, limit int, arguments []string) error {
	receive, err := c.Send(context.Background(), method, parameters(arguments), varlink.More)
	for err == nil {
		var row object
		var flags uint64
		flags, err = receive(context.Background(), &row)
		if err == nil && flags&varlink.Continues == 0 {
			fmt.Println("end")
			return nil
		}
		if err == nil {
			text, _ := json.Marshal(row)
			fmt.Println(string(text))
		}
		if limit--; limit == 0 {
			return nil
		}
	}
	return err
}

func main() {
	c, err := varlink.NewConnection(context.Background(), "unix:"+os.Args[1])
	if err != nil {
		fatal(err)
	}
	defer c.Close()
	switch os.Args[2] {
	case "info":
		err = info(c)
	case "describe":
		err = describe(c, os.Args[3])
	case "call":
		err = call(c, os.Args[3], os.Args[4:])
	case "stream":
		err = stream(c, os.Args[3], 0, os.Args[4:])
	case "follow":
		err = stream(c, os.Args[3], 3, append(os.Args[4:], "follow=true"))
	}
	if err != nil {
		fatal(err)
	}
}
