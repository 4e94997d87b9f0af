/* Latencies in buckets: 64 for each power of two, so that a figure is exact to 1.6 %. */
#include <string.h>

#include "load.h"

void histogram_clear(struct histogram *histogram) { memset(histogram, 0, sizeof *histogram); }

static unsigned bucket_of(uint64_t ns) {
    if (ns < 64) return (unsigned)ns;
    unsigned power = 63 - (unsigned)__builtin_clzll(ns);
    return (power - 5) * 64 + (unsigned)((ns >> (power - 6)) & 63);
}

static double middle_of(unsigned bucket) {
    if (bucket < 64) return bucket;
    unsigned power = bucket / 64 + 5;
    return (double)((64 + bucket % 64) * 2 + 1) * (double)(1ull << (power - 6)) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t ns) {
    histogram->counts[bucket_of(ns)]++;
    histogram->total++;
    if (ns > histogram->highest) histogram->highest = ns;
}

double histogram_us(const struct histogram *histogram, double part) {
    uint64_t wanted = (uint64_t)((double)histogram->total * part), seen = 0;
    if (part >= 1) return (double)histogram->highest / 1000;
    for (unsigned i = 0; i < sizeof histogram->counts / sizeof *histogram->counts; i++) {
        seen += histogram->counts[i];
        if (seen > wanted) return middle_of(i) / 1000;
    }
    return 0;
}
