/* Measures pages: each of so many kept-alive connections asks for the page again when it has it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define READERS 256
#define PAGE_ROOM (4u << 20)

struct reader {
    int fd;
    size_t size;
    uint64_t asked;
    char *page;
};

static struct reader readers[READERS];
static char *request;
static uint64_t pages, page_bytes;
static bool asking;

bool is_page_reader(const void *who) {
    return who >= (const void *)readers && who < (const void *)(readers + READERS);
}

static void ask(struct reader *reader) {
    reader->size = 0;
    reader->asked = now_ns();
    size_t size = strlen(request);
    if (write(reader->fd, request, size) != (ssize_t)size) fail("a request could not be written");
}

static bool whole(struct reader *reader) {
    char *end = memmem(reader->page, reader->size, "\r\n\r\n", 4);
    if (!end) return false;
    if (memcmp(reader->page, "HTTP/1.1 200", 12)) fail("not a page: %.*s", (int)(end - reader->page), reader->page);
    *end = 0;
    const char *length = strcasestr(reader->page, "\ncontent-length:");
    bool chunked = strcasestr(reader->page, "transfer-encoding: chunked") != NULL;
    *end = '\r';
    if (length) return reader->size >= (size_t)(end + 4 - reader->page) + strtoull(length + 16, NULL, 10);
    return chunked && reader->size > 5 && !memcmp(reader->page + reader->size - 5, "0\r\n\r\n", 5);
}

void page_answered(void *who) {
    struct reader *reader = who;
    ssize_t got = read(reader->fd, reader->page + reader->size, PAGE_ROOM - reader->size);
    if (got <= 0) fail("the server closed a connection");
    reader->size += (size_t)got;
    if (!whole(reader)) return;
    histogram_add(&latencies, now_ns() - reader->asked);
    pages++;
    page_bytes += reader->size;
    if (asking) ask(reader);
    else reader->asked = 0;
}

static void open_reader(struct reader *reader, int port) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    reader->fd = socket(AF_INET, SOCK_STREAM, 0);
    reader->page = malloc(PAGE_ROOM);
    if (connect(reader->fd, (struct sockaddr *)&there, sizeof there)) fail("nobody serves pages on port %d", port);
    fcntl(reader->fd, F_SETFL, O_NONBLOCK);
    loop_add(reader->fd, reader);
}

/* The line's ";" between headers stand for ends of lines. */
static char *request_of(const char *path, int port, const char *headers) {
    char *text, *lines = strdup(headers), *rest = lines;
    int size = asprintf(&text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", path, port);
    for (char *header; (header = strsep(&rest, ";"));) {
        char *longer;
        if (!*header) continue;
        size = asprintf(&longer, "%s%s\r\n", text, header);
        free(text);
        text = longer;
    }
    text = realloc(text, (size_t)size + 3);
    return strcat(text, "\r\n");
}

/* get: port, path, headers (";" between them), readers=N, seconds. */
void measure_pages(const struct command *command) {
    int count = (int)number_of(command, "readers", 8), port = (int)number_of(command, "port", 0);
    request = request_of(text_of(command, "path", "/"), port, text_of(command, "headers", ""));
    histogram_clear(&latencies);
    pages = page_bytes = 0;
    asking = true;
    uint64_t began = now_ns(), cpu = own_cpu_ns(), end = began + (uint64_t)(number_of(command, "seconds", 5) * 1e9);
    for (int i = 0; i < count; i++) {
        open_reader(&readers[i], port);
        ask(&readers[i]);
    }
    while (now_ns() < end) loop_turn(20);
    asking = false;
    for (int i = 0; i < count; i++)
        while (readers[i].asked && now_ns() < end + 20000000000u) loop_turn(20);
    double seconds = (double)(now_ns() - began) / 1e9;
    printf("{\"seconds\":%.6f,\"pages\":%llu,\"bytes\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"load_cpu\":%.6f}\n",
           seconds, (unsigned long long)pages, (unsigned long long)page_bytes, histogram_us(&latencies, 0.5),
           histogram_us(&latencies, 0.99), histogram_us(&latencies, 1), (double)(own_cpu_ns() - cpu) / 1e9);
    for (int i = 0; i < count; i++) {
        loop_remove(readers[i].fd);
        close(readers[i].fd);
        free(readers[i].page);
    }
    free(request);
}
