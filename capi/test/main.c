/* All tests but the vectors. Ends with 0 if nothing failed. */
#include "check.h"

int failures;

int main(void)
{
    test_codec();
    test_streams();
    test_client();
    test_gateway();
    test_misuse();
    test_abuse();
    test_errors();
    if (failures == 0) {
        puts("all tests passed");
    }
    return failures == 0 ? 0 : 1;
}
