using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Columns;

/// <summary>Columns of versions: what there is to call.</summary>
internal static class ColumnsModule
{
    public static void AddColumns(this IServiceCollection services) => services.AddScoped<ColumnFiles>();

    public static void Map(IEndpointRouteBuilder routes) => ReadColumns.Map(routes);
}
