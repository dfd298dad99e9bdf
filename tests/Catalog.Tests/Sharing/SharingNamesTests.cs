using Catalog.Server.Doors.DeltaSharing;
using Xunit;

namespace Catalog.Tests.Sharing;

public sealed class SharingNamesTests
{
    [Theory]
    [InlineData("flights", "flights")]
    [InlineData("Flights_2-b", "Flights_2-b")]
    [InlineData("public.orders", "public~2Eorders")]
    [InlineData("postgres://db:5432", "postgres~3A~2F~2Fdb~3A5432")]
    [InlineData("two words", "two~20words")]
    [InlineData("a~b%2Fc#d@e", "a~7Eb~252Fc~23d~40e")]
    [InlineData("日本", "日本")]
    [InlineData("fly 🛫", "fly~20~F0~9F~9B~AB")]
    public void A_name_at_the_door_leads_back_to_the_name(string name, string shared)
    {
        Assert.Equal(shared, SharingNames.Write(name));
        Assert.Equal(name, SharingNames.Read(shared));
    }

    [Theory]
    [InlineData("public~2eorders", "public.orders")]
    [InlineData("a.b", "a.b")]
    public void What_clients_write_otherwise_is_read_too(string shared, string name) => Assert.Equal(name, SharingNames.Read(shared));

    [Theory]
    [InlineData("a~")]
    [InlineData("a~2")]
    [InlineData("a~2G")]
    [InlineData("a~FF")]
    [InlineData("a~00")]
    [InlineData("")]
    [InlineData("~20")]
    public void What_nothing_can_be_called_is_no_name(string shared) => Assert.Null(SharingNames.Read(shared));

    [Fact]
    public void A_name_that_gets_too_long_has_none_at_the_door()
    {
        Assert.NotNull(SharingNames.Write(new string('a', 255)));
        Assert.Null(SharingNames.Write(new string('a', 256)));
        Assert.Null(SharingNames.Write(new string('.', 86)));
    }
}
