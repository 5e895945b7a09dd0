/* SPDX-License-Identifier: ISC
 *
 * Key files that are wrong in every way, seals that are moved, and parts of a
 * hash that must not run into each other.
 */
#include "../daemon/vault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER_KEY "f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const uint8_t generation[16] = { 1 }, other_generation[16] = { 2 };
static char folder[64], path[128];
static struct vault *vault;

static void write_key(const char *text, mode_t mode)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static struct vault *open_key(const char *text, const uint8_t gen[16])
{
	struct vault *v = NULL;

	write_key(text, 0400);
	assert_int_equal(vault_open(path, gen, &v), CS_OK);
	return v;
}

static int begin(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	strcpy(folder, "/tmp/countersign.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/countersign.master-key", folder);
	vault = open_key(KEY "\n", generation);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vault_close(&vault);
	assert_null(vault);
	unlink(path);
	return rmdir(folder);
}

static void assert_refused(void)
{
	struct vault *v = NULL;

	assert_int_equal(vault_open(path, generation, &v), CS_ERR_CONFIG);
	assert_null(v);
}

static void a_missing_key_file_is_refused(void **state)
{
	(void)state;
	unlink(path);
	assert_refused();
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused();
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused();
}

static void a_key_file_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0440, 0404, 0420, 0402, 0410, 0401 };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_key(KEY "\n", modes[i]);
		assert_refused();
	}
}

static void a_key_file_of_somebody_else_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	write_key(KEY "\n", 0400);
	assert_int_equal(chown(path, 1007, 1007), 0);
	assert_refused();
}

static void an_unreadable_key_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(path, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(1007), 0);
	assert_refused();
	assert_int_equal(seteuid(getuid()), 0);
}

static void a_damaged_key_file_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "0", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
		KEY "0", KEY "\n\n", KEY " ", " " KEY, KEY KEY, KEY "\r\n",
		"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"0001020304050607 8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_key(texts[i], 0400);
		assert_refused();
	}
}

static void a_systemd_credential_beats_the_file(void **state)
{
	uint8_t id[8], by_file[8];
	struct vault *v = NULL;

	(void)state;
	vault_key_id(vault, by_file);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_key(OTHER_KEY, 0440);
	assert_int_equal(vault_open("/nonexistent/key", generation, &v), CS_OK);
	vault_key_id(v, id);
	assert_memory_not_equal(id, by_file, sizeof(id));
	vault_close(&v);
	write_key(OTHER_KEY, 0444);
	assert_int_equal(vault_open("/nonexistent/key", generation, &v), CS_ERR_CONFIG);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_key_has_one_id_with_or_without_newline(void **state)
{
	struct vault *same = open_key(KEY, other_generation), *other = open_key(OTHER_KEY,
	    generation);
	uint8_t a[8], b[8];

	(void)state;
	vault_key_id(vault, a);
	vault_key_id(same, b);
	assert_memory_equal(a, b, sizeof(a));
	vault_key_id(other, b);
	assert_memory_not_equal(a, b, sizeof(a));
	vault_close(&same);
	vault_close(&other);
}

static const uint8_t secret[20] = "12345678901234567890";
static uint8_t sealed[sizeof(secret) + VAULT_OVERHEAD], plain[sizeof(secret)];
static size_t len;

static void seal(void)
{
	assert_int_equal(vault_seal(vault, 9, 4, 7, secret, sizeof(secret), sealed), CS_OK);
}

static void a_seal_opens_where_it_was_made(void **state)
{
	uint8_t again[sizeof(sealed)];

	(void)state;
	seal();
	assert_int_equal(vault_unseal(vault, 9, 4, 7, sealed, sizeof(sealed), plain, &len), CS_OK);
	assert_int_equal(len, sizeof(secret));
	assert_memory_equal(plain, secret, sizeof(secret));
	memcpy(again, sealed, sizeof(sealed));
	seal();
	assert_memory_not_equal(again, sealed, sizeof(sealed));
}

static void a_seal_opens_nowhere_else(void **state)
{
	struct vault *restored = open_key(KEY, other_generation), *stolen = open_key(OTHER_KEY,
	    generation);

	(void)state;
	seal();
	assert_int_equal(vault_unseal(vault, 8, 4, 7, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(vault, 9, 5, 7, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(vault, 9, 4, 8, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(vault, 9, 7, 4, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(restored, 9, 4, 7, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(stolen, 9, 4, 7, sealed, sizeof(sealed), plain, &len),
	    CS_ERR_CRYPTO);
	vault_close(&restored);
	vault_close(&stolen);
}

static void a_changed_bit_or_a_cut_breaks_the_seal(void **state)
{
	(void)state;
	seal();
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(vault_unseal(vault, 9, 4, 7, sealed, sizeof(sealed), plain, &len),
		    CS_ERR_CRYPTO);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t cut = 0; cut < sizeof(sealed); cut++)
		assert_int_equal(vault_unseal(vault, 9, 4, 7, sealed, cut, plain, &len),
		    CS_ERR_CRYPTO);
	assert_int_equal(vault_unseal(vault, 9, 4, 7, sealed, sizeof(sealed), plain, &len), CS_OK);
}

static void hash(const struct vault *v, enum vault_use use, const char *a, const char *b,
    uint8_t out[16])
{
	struct vault_hash h;

	vault_hash_begin(v, use, &h, 16);
	vault_hash_bytes(&h, a, strlen(a));
	vault_hash_bytes(&h, b, strlen(b));
	vault_hash_end(&h, out, 16);
}

static void parts_of_a_hash_do_not_run_into_each_other(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	hash(vault, VAULT_TAG, "acme", "mail", a);
	hash(vault, VAULT_TAG, "acme", "mail", b);
	assert_memory_equal(a, b, sizeof(a));
	hash(vault, VAULT_TAG, "acm", "email", b);
	assert_memory_not_equal(a, b, sizeof(a));
	hash(vault, VAULT_TAG, "acmemail", "", b);
	assert_memory_not_equal(a, b, sizeof(a));
	hash(vault, VAULT_TAG, "", "acmemail", b);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void each_purpose_key_and_generation_hashes_differently(void **state)
{
	struct vault *restored = open_key(KEY, other_generation), *stolen = open_key(OTHER_KEY,
	    generation);
	uint8_t out[VAULT_RECOVERY + 2][16];
	size_t n = 0;

	(void)state;
	for (unsigned use = VAULT_CODE; use <= VAULT_RECOVERY; use++)
		hash(vault, use, "acme", "mail", out[n++]);
	hash(restored, VAULT_CODE, "acme", "mail", out[n++]);
	hash(stolen, VAULT_CODE, "acme", "mail", out[n++]);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(out[i], out[j], 16);
	vault_close(&restored);
	vault_close(&stolen);
}

static void a_hash_is_of_every_byte_however_long_its_parts_are(void **state)
{
	static const enum vault_use uses[] = { VAULT_TAG, VAULT_MEMO };
	static const size_t lengths[] = { 0, 1, 100, 471, 472, 473, 488, 511, 512, 513, 2000 };
	static char text[2001];
	uint8_t out[sizeof(lengths) / sizeof(lengths[0])][16], changed[16];

	(void)state;
	for (size_t u = 0; u < 2; u++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			memset(text, 'a', sizeof(text));
			text[lengths[i]] = '\0';
			hash(vault, uses[u], text, "mail", out[i]);
			for (size_t j = 0; j < i; j++)
				assert_memory_not_equal(out[i], out[j], 16);
			hash(vault, uses[u], text, "mall", changed);
			assert_memory_not_equal(changed, out[i], 16);
			if (lengths[i] == 0)
				continue;
			text[lengths[i] - 1] = 'b';
			hash(vault, uses[u], text, "mail", changed);
			assert_memory_not_equal(changed, out[i], 16);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_key_file_is_refused),
		TEST(what_is_no_file_is_refused),
		TEST(a_key_file_that_others_may_read_is_refused),
		TEST(a_key_file_of_somebody_else_is_refused),
		TEST(an_unreadable_key_file_is_refused),
		TEST(a_damaged_key_file_is_refused),
		TEST(a_systemd_credential_beats_the_file),
		TEST(a_key_has_one_id_with_or_without_newline),
		TEST(a_seal_opens_where_it_was_made),
		TEST(a_seal_opens_nowhere_else),
		TEST(a_changed_bit_or_a_cut_breaks_the_seal),
		TEST(parts_of_a_hash_do_not_run_into_each_other),
		TEST(a_hash_is_of_every_byte_however_long_its_parts_are),
		TEST(each_purpose_key_and_generation_hashes_differently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
