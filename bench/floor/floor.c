/* The floor: what a delivery costs when a server does nothing but one write for each socket.
 *
 * floor PORT NATS_PORT USER PASSWORD: everybody who connects gets every payload that is published on the subject
 * "floor", as one prepared WebSocket frame. epoll, one thread; a peer that cannot take a frame is dropped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536

/* The key of all our load's handshakes is the one of RFC 6455's example, and so is the answer. */
static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int listeners[MOST], place_of[MOST], count;
static int epoll, bus;
static char heard[4 << 20];
static size_t heard_size;

static void give_up(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) give_up("epoll_ctl");
}

static void drop(int fd) {
    if (place_of[fd]) {
        int last = listeners[--count];
        listeners[place_of[fd] - 1] = last;
        place_of[last] = place_of[fd];
        place_of[fd] = 0;
    }
    close(fd);
}

static void deliver(const char *payload, size_t size) {
    static char frame[(1 << 20) + 10];
    size_t head = 2;
    frame[0] = (char)0x81;
    if (size < 126) {
        frame[1] = (char)size;
    } else if (size < 65536) {
        head = 4;
        frame[1] = 126;
        frame[2] = (char)(size >> 8);
        frame[3] = (char)size;
    } else {
        give_up("a payload is too large");
    }
    memcpy(frame + head, payload, size);
    for (int i = count - 1; i >= 0; i--) {
        /* MSG_NOSIGNAL aside this is write(): the floor is one call of it for each socket. */
        ssize_t sent = send(listeners[i], frame, head + size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent != (ssize_t)(head + size)) drop(listeners[i]);
    }
}

/* "MSG floor 1 <size>\r\n<payload>\r\n", PING and INFO are all that NATS says. */
static void hear(void) {
    ssize_t got = read(bus, heard + heard_size, sizeof heard - heard_size);
    if (got <= 0) give_up("NATS is gone");
    heard_size += (size_t)got;
    char *at = heard, *end = heard + heard_size, *line;
    while ((line = memmem(at, (size_t)(end - at), "\r\n", 2))) {
        char *next = line + 2;
        if (!memcmp(at, "MSG ", 4)) {
            *line = 0;
            size_t size = strtoull(strrchr(at, ' ') + 1, NULL, 10);
            *line = '\r';
            if ((size_t)(end - next) < size + 2) break;
            deliver(next, size);
            next += size + 2;
        } else if (!memcmp(at, "PING", 4) && write(bus, "PONG\r\n", 6) != 6) {
            give_up("NATS is gone");
        }
        at = next;
    }
    heard_size = (size_t)(end - at);
    memmove(heard, at, heard_size);
}

static void meet(int fd) {
    char text[8192];
    ssize_t size = read(fd, text, sizeof text);
    if (size <= 0) return drop(fd);
    if (place_of[fd]) return; /* what it says is nothing to us */
    if (!memmem(text, (size_t)size, "\r\n\r\n", 4)) return drop(fd);
    if (write(fd, ANSWER, sizeof ANSWER - 1) < 0) return drop(fd);
    listeners[count++] = fd;
    place_of[fd] = count;
}

static int open_port(int port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) || listen(fd, 4096)) give_up("cannot listen");
    return fd;
}

static int join_bus(int port, const char *user, const char *password) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char text[4096];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&there, sizeof there) || read(fd, text, sizeof text) <= 0) give_up("no NATS");
    int size = snprintf(text, sizeof text, "CONNECT {\"verbose\":false,\"user\":\"%s\",\"pass\":\"%s\"}\r\nSUB floor 1\r\n", user,
                        password);
    if (write(fd, text, (size_t)size) != size) give_up("NATS is gone");
    return fd;
}

int main(int arguments, char **argument) {
    if (arguments != 5) give_up("usage: floor PORT NATS_PORT USER PASSWORD");
    epoll = epoll_create1(0);
    int listening = open_port(atoi(argument[1])), one = 1;
    bus = join_bus(atoi(argument[2]), argument[3], argument[4]);
    watch(listening);
    watch(bus);
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == bus) {
                hear();
            } else if (fd == listening) {
                int peer = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
                if (peer < 0 || peer >= MOST) continue;
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                watch(peer);
            } else {
                meet(fd);
            }
        }
    }
}
