// centrifuge PORT NATS_URL: the library that Centrifugo is made of, its memory engine, and a NATS subscription that hands
// every publication to it, as Centrifugo's own NATS broker does. Clients speak the JSON protocol at /connection/websocket.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/centrifugal/centrifuge"
	"github.com/nats-io/nats.go"
)

func anybody(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: "somebody"}}, nil
}

func serve(client *centrifuge.Client) {
	client.OnSubscribe(func(event centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
		reply(centrifuge.SubscribeReply{}, nil)
	})
}

func main() {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		log.Fatal(err)
	}
	node.OnConnecting(anybody)
	node.OnConnect(serve)
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	bus, err := nats.Connect(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	_, err = bus.Subscribe("room.*", func(message *nats.Msg) {
		channel := strings.TrimPrefix(message.Subject, "room.")
		if _, err := node.Publish(channel, message.Data); err != nil {
			log.Print(err)
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
