using System.Net;

namespace Catalog.Sdk.Http;

/// <summary>
/// The bytes behind a signed address. When the address has run out, or is refused, another is asked for, and reading goes on from it.
/// </summary>
/// <param name="transport">To the catalog.</param>
/// <param name="signAsync">Has another address of the file signed.</param>
/// <param name="first">The address to begin with.</param>
internal sealed class SignedContent(Transport transport, Func<CancellationToken, Task<SignedFile>> signAsync, SignedFile first)
{
    private SignedFile _file = first;

    public Task<ContentStream> OpenAsync(CancellationToken ct) =>
        new ContentStream(transport.Elsewhere(_file.Url), OpenAtAsync, _file.Path, _file.Sha256).OpenAsync(ct);

    private async Task<HttpResponseMessage> OpenAtAsync(long from, CancellationToken ct)
    {
        if (_file.ExpiresAt > transport.Options.Time.GetUtcNow())
        {
            try
            {
                return await FetchAsync(from, ct).ConfigureAwait(false);
            }
            catch (CatalogException e) when (
                e.Status is (int)HttpStatusCode.Forbidden or (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.NotFound)
            {
                // Its clock says that the time is over, its secret was changed, or the file went to another tier: a new address tells.
            }
        }

        _file = await signAsync(ct).ConfigureAwait(false);
        return await FetchAsync(from, ct).ConfigureAwait(false);
    }

    private Task<HttpResponseMessage> FetchAsync(long from, CancellationToken ct) =>
        transport.Elsewhere(_file.Url).OpenAtAsync(() => Transport.Request(_file), from, ct);
}
