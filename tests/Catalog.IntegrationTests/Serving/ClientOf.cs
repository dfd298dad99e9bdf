using Catalog.Access;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Serving;

/// <summary>The SDK, connected to the server that most tests share.</summary>
internal static class ClientOf
{
    public static async Task<CatalogClient> AdminAsync(ServerFixture server, Purpose? purpose = null)
    {
        var api = await server.ApiAsync();
        return new CatalogClient(server.Server.Address, api.Key ?? "", new CatalogClientOptions { Purpose = purpose });
    }
}
