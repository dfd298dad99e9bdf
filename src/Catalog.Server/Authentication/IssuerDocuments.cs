using Catalog.Server.Hosting;
using Microsoft.IdentityModel.Protocols;

namespace Catalog.Server.Authentication;

/// <summary>Reads what an issuer publishes: from nowhere else than it says, of a sensible size, in a sensible time.</summary>
internal sealed class IssuerDocuments : IDocumentRetriever, IDisposable
{
    private const int MaxBytes = 1024 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxBytes,
    };

    /// <exception cref="HttpRequestException">It did not answer, or with something else.</exception>
    /// <exception cref="IOException">The address is one that nobody vouches for.</exception>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (!OidcPlace.IsTrustworthy(address))
            throw new IOException($"'{address}' is neither https:// nor of this machine.");
        return await _http.GetStringAsync(new Uri(address), cancel);
    }

    public void Dispose() => _http.Dispose();
}
