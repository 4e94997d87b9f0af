/* The WebSocket clients: opening many at a time, reading, saying something masked. */
#define _GNU_SOURCE
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

#define ROOM (4u << 20)

struct client *clients;
int clients_count, clients_open, clients_deaf, clients_lost;
struct marks marks = {.mark = "\"message\":\"t=", .mark_size = 13, .stamped = true};
void (*on_marked)(struct client *client, uint64_t stamp, uint64_t at);
uint64_t frames_seen, bytes_seen, marked_seen;
static char buffer[ROOM];

static const char *kept(const struct command *command, const char *key) {
    const char *text = text_of(command, key, NULL);
    return text && *text ? strdup(text) : NULL;
}

void set_marks(const struct command *command) {
    marks.mark = strdup(text_of(command, "mark", "\"message\":\"t="));
    marks.mark_size = strlen(marks.mark);
    marks.stamped = number_of(command, "stamped", 1) != 0;
    marks.lines = number_of(command, "lines", 0) != 0;
    marks.ready = kept(command, "ready");
    marks.ping = kept(command, "ping");
    marks.pong = kept(command, "pong");
}

static int connect_to(const char *address) {
    const char *colon = strrchr(address, ':');
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&there, sizeof there)) fail("connect to %s: %s", address, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* A line of the file: path, then headers, then ">" and words to say first; separated by tabs. */
static void upgrade(struct client *client, const char *address) {
    char text[4096], *line = strdup(client->request), *rest = line;
    int size = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                        strsep(&rest, "\t"), address);
    for (char *field; (field = strsep(&rest, "\t"));)
        if (*field != '>') size += snprintf(text + size, sizeof text - (size_t)size, "%s\r\n", field);
    size += snprintf(text + size, sizeof text - (size_t)size, "\r\n");
    client->fd = connect_to(address);
    if (write(client->fd, text, (size_t)size) != size) fail("a handshake could not be written");
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    loop_add(client->fd, client);
    client->began = now_ns();
    free(line);
}

static void say_first_words(struct client *client) {
    char *line = strdup(client->request), *rest = line;
    strsep(&rest, "\t");
    for (char *field; (field = strsep(&rest, "\t"));)
        if (*field == '>') say(client, field + 1, strlen(field + 1));
    free(line);
}

/* One masked frame. The mask is constant: nobody between us and the server listens. */
static void send_frame(struct client *client, unsigned char head, const char *text, size_t size) {
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    unsigned char *at = (unsigned char *)buffer + ROOM / 2; /* far behind what is being scanned */
    unsigned char *begin = at;
    *at++ = head;
    if (size < 126) {
        *at++ = (unsigned char)(0x80 | size);
    } else {
        *at++ = 0x80 | 126;
        *at++ = (unsigned char)(size >> 8);
        *at++ = (unsigned char)size;
    }
    memcpy(at, mask, 4);
    at += 4;
    for (size_t i = 0; i < size; i++) *at++ = (unsigned char)text[i] ^ mask[i & 3];
    if (!client->gone && write(client->fd, begin, (size_t)(at - begin)) != at - begin && errno == EAGAIN)
        fail("the server does not read what is sent to it");
}

void say(struct client *client, const char *text, size_t size) { send_frame(client, 0x81, text, size); }

void pong(struct client *client, const char *payload, size_t size) { send_frame(client, 0x8a, payload, size); }

static void lose(struct client *client) {
    loop_remove(client->fd);
    client->gone = true;
    clients_lost++;
    if (!client->deaf) clients_open--;
}

static size_t answer_size(struct client *client, const char *bytes, size_t size) {
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(bytes, "HTTP/1.1 101", 12)) fail("refused: %.*s", (int)(size < 400 ? size : 400), bytes);
    client->upgraded = true;
    if (!marks.ready) client->ready = true;
    say_first_words(client);
    return (size_t)(end + 4 - bytes);
}

void read_client(struct client *client) {
    size_t size = client->rest_size, used = 0;
    memcpy(buffer, client->rest, size);
    ssize_t got = recv(client->fd, buffer + size, 1u << 20, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return lose(client);
    uint64_t at = now_ns();
    size += (size_t)got;
    bytes_seen += (size_t)got;
    if (!client->upgraded) used = answer_size(client, buffer, size);
    if (client->upgraded) used += scan_frames(client, buffer + used, size - used, at);
    client->rest_size = size - used;
    if (client->rest_size) {
        client->rest = realloc(client->rest, client->rest_size);
        memcpy(client->rest, buffer + used, client->rest_size);
    } else {
        free(client->rest);
        client->rest = NULL;
    }
}

static char *slurp(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail("%s cannot be read", path);
    char *text = NULL;
    size_t room = 0;
    if (getdelim(&text, &room, 0, file) < 0) fail("%s is empty", path);
    fclose(file);
    return text;
}

/* open: sockets=FILE, to=HOST:PORT, parallel=N, ready=TEXT: opens one socket a line, so many at the same time. */
void open_sockets(const struct command *command) {
    char *rest = slurp(text_of(command, "sockets", "")), *line;
    const char *address = text_of(command, "to", "");
    int parallel = (int)number_of(command, "parallel", 64), started = clients_count, wanted = 0;
    set_marks(command);
    for (char *at = rest; *at; at++) wanted += *at == '\n';
    /* The loop holds addresses of clients, so all the room there will ever be is taken at once. */
    if (!clients) clients = calloc(65536, sizeof *clients);
    struct histogram *opening = calloc(1, sizeof *opening);
    uint64_t began = now_ns(), cpu = own_cpu_ns();
    int first = clients_count, ready = first;
    while (ready < first + wanted) {
        while (started < first + wanted && started - ready < parallel && (line = strsep(&rest, "\n"))) {
            struct client *client = &clients[started];
            client->request = line;
            client->number = started++;
            upgrade(client, address);
        }
        loop_turn(1000);
        if (clients_lost) fail("%d sockets were closed while opening", clients_lost);
        for (; ready < started && clients[ready].ready; ready++) histogram_add(opening, now_ns() - clients[ready].began);
        if (now_ns() - began > 120000000000u) fail("only %d of %d sockets opened in two minutes", ready - first, wanted);
    }
    clients_count = started;
    clients_open += wanted;
    double seconds = (double)(now_ns() - began) / 1e9;
    printf("{\"opened\":%d,\"seconds\":%.6f,\"per_second\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"load_cpu\":%.6f}\n", wanted,
           seconds, wanted / seconds, histogram_us(opening, 0.5), histogram_us(opening, 0.99),
           (double)(own_cpu_ns() - cpu) / 1e9);
    free(opening);
}

void close_sockets(void) {
    for (int i = 0; i < clients_count; i++) {
        if (!clients[i].gone) loop_remove(clients[i].fd);
        close(clients[i].fd);
        free(clients[i].rest);
        memset(&clients[i], 0, sizeof clients[i]);
    }
    printf("{\"closed\":%d,\"lost\":%d}\n", clients_count, clients_lost);
    clients_count = clients_open = clients_deaf = clients_lost = 0;
}

/* The first so many stop reading, or read again. */
void deafen(int first, bool deaf) {
    for (int i = 0; i < first && i < clients_count; i++) {
        struct client *client = &clients[i];
        if (client->deaf == deaf || client->gone) continue;
        client->deaf = deaf;
        clients_open += deaf ? -1 : 1;
        clients_deaf += deaf ? 1 : -1;
        if (deaf) loop_remove(client->fd);
        else loop_add(client->fd, client);
    }
    for (int i = 0; !deaf && i < 200; i++) loop_turn(5);
    printf("{\"deaf\":%d,\"lost\":%d}\n", clients_deaf, clients_lost);
}
