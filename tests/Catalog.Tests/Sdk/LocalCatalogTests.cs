using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class LocalCatalogTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("catalog-data").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public void A_server_on_this_machine_is_found_by_its_data_folder()
    {
        Serve("""{"url":"http://127.0.0.1:5111","pid":1,"startedAt":"2026-01-01T00:00:00Z"}""");

        Assert.Equal((new Uri("http://127.0.0.1:5111"), "cat_admin_key"), LocalCatalog.Find(dataFolder: _data));
    }

    [Fact]
    public void A_server_that_listens_everywhere_is_reached_on_this_machine()
    {
        Serve("""{"url":"http://0.0.0.0:5111"}""");

        Assert.Equal(new Uri("http://127.0.0.1:5111"), LocalCatalog.Find(dataFolder: _data).Address);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"url":"x"}""")]
    public void A_server_file_that_says_nothing_leaves_the_default_address(string content)
    {
        Serve(content);

        Assert.Equal(LocalCatalog.DefaultAddress, LocalCatalog.Find(dataFolder: _data).Address);
    }

    [Fact]
    public void The_administrators_key_is_not_sent_to_another_machine()
    {
        Serve("""{"url":"http://127.0.0.1:5111"}""");

        var e = Assert.Throws<CatalogException>(() => LocalCatalog.Find("https://catalog.example", _data));

        Assert.Equal("client.key_missing", e.Code);
    }

    [Fact]
    public void A_folder_without_a_key_says_where_one_was_looked_for()
    {
        var e = Assert.Throws<CatalogException>(() => LocalCatalog.Find(dataFolder: _data));

        Assert.Contains("admin.key", e.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("Bearer cat_a_b")]
    [InlineData("cat_a b")]
    [InlineData("cat_ä")]
    public void What_is_no_key_is_not_sent_as_one(string text)
    {
        var e = Assert.Throws<CatalogException>(() => LocalCatalog.DemandKey(text));

        Assert.Equal("client.key_invalid", e.Code);
        Assert.Equal("CATALOG_API_KEY is neither an API key (cat_…) nor a bearer token (three parts and two dots)", e.Detail);
        Assert.Equal("cat_a_b", LocalCatalog.DemandKey("cat_a_b"));
    }

    [Fact]
    public void An_address_without_one_of_its_names_is_not_made() =>
        Assert.Equal("client.name_invalid", Assert.Throws<CatalogException>(() => Catalog.Sdk.Http.Route.Of("runs", "1", "tags", "")).Code);

    [Fact]
    public void Only_web_addresses_are_addresses() =>
        Assert.Equal("client.address_invalid", Assert.Throws<CatalogException>(() => LocalCatalog.ParseAddress("ftp://x")).Code);

    private void Serve(string server)
    {
        Directory.CreateDirectory(Path.Combine(_data, "keys"));
        File.WriteAllText(LocalCatalog.ServerFile(_data), server);
        File.WriteAllText(LocalCatalog.AdminKeyFile(_data), "cat_admin_key\n");
    }
}
