/* Events from outside: NATS or Redis publishes, HTTP posts, or plain lines for a peer's own publisher. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum kind { NATS, REDIS, HTTP, LINES };

static struct {
    int fd;
    enum kind kind;
    char *out, *headers;
    size_t size, room;
} publisher = {.fd = -1};

bool is_publisher(const void *who) { return who == &publisher; }

static void put(const void *bytes, size_t size) {
    if (publisher.size + size > publisher.room) {
        publisher.room = (publisher.size + size) * 2;
        publisher.out = realloc(publisher.out, publisher.room);
    }
    memcpy(publisher.out + publisher.size, bytes, size);
    publisher.size += size;
}

static void put_text(const char *text) { put(text, strlen(text)); }

static int connect_port(int port) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&there, sizeof there)) fail("no broker on port %d", port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void greet_nats(const char *user, const char *password) {
    char text[4096];
    if (read(publisher.fd, text, sizeof text) <= 0) fail("NATS says nothing");
    snprintf(text, sizeof text, "CONNECT {\"verbose\":false,\"pedantic\":false,\"user\":\"%s\",\"pass\":\"%s\"}\r\nPING\r\n",
             user, password);
    put_text(text);
    publisher_flush();
    ssize_t size = read(publisher.fd, text, sizeof text);
    if (size < 4 || memcmp(text, "PONG", 4)) fail("NATS refuses: %.*s", (int)size, text);
}

/* broker: kind=nats|redis|http|lines, port, user, password, headers (for http, with \n between). */
void publisher_connect(const struct command *command) {
    const char *kind = text_of(command, "kind", "nats");
    if (publisher.fd >= 0) {
        loop_remove(publisher.fd);
        close(publisher.fd);
    }
    publisher.size = 0;
    publisher.kind = !strcmp(kind, "redis") ? REDIS : !strcmp(kind, "http") ? HTTP : !strcmp(kind, "lines") ? LINES : NATS;
    publisher.fd = connect_port((int)number_of(command, "port", 0));
    free(publisher.headers);
    publisher.headers = strdup(text_of(command, "headers", ""));
    if (publisher.kind == NATS) greet_nats(text_of(command, "user", ""), text_of(command, "password", ""));
    fcntl(publisher.fd, F_SETFL, O_NONBLOCK);
    loop_add(publisher.fd, &publisher);
    printf("{\"broker\":\"%s\"}\n", kind);
}

/* Nothing leaves before publisher_flush, so that what is published together goes in one write. */
void publish(const char *subject, const char *payload, size_t size) {
    char head[1024];
    switch (publisher.kind) {
    case NATS: snprintf(head, sizeof head, "PUB %s %zu\r\n", subject, size); break;
    case REDIS:
        snprintf(head, sizeof head, "*3\r\n$7\r\nPUBLISH\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen(subject), subject, size);
        break;
    case HTTP:
        snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\nContent-Length: %zu\r\n\r\n", subject,
                 publisher.headers, size);
        break;
    case LINES: head[0] = 0; break;
    }
    put_text(head);
    put(payload, size);
    if (publisher.kind == LINES) put("\n", 1);
    if (publisher.kind == NATS || publisher.kind == REDIS) put("\r\n", 2);
}

void publisher_flush(void) {
    if (!publisher.size) return;
    ssize_t sent = write(publisher.fd, publisher.out, publisher.size);
    if (sent < 0 && errno != EAGAIN) fail("the broker is gone");
    if (sent <= 0) return;
    publisher.size -= (size_t)sent;
    memmove(publisher.out, publisher.out + sent, publisher.size);
}

size_t publisher_waiting(void) { return publisher.size; }

/* Answers are thrown away, but for NATS's pings and for what is an error. */
void publisher_read(void) {
    char text[65536];
    ssize_t size = read(publisher.fd, text, sizeof text - 1);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) fail("the broker closed the connection");
    text[size] = 0;
    if (publisher.kind == NATS && strstr(text, "-ERR")) fail("NATS: %s", text);
    if (publisher.kind == NATS && strstr(text, "PING\r\n")) put_text("PONG\r\n");
    if (publisher.kind == HTTP && !strncmp(text, "HTTP/1.1 ", 9) && strncmp(text + 9, "200", 3)) fail("HTTP: %s", text);
    publisher_flush();
}
