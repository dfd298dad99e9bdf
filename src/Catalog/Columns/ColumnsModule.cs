using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Columns;

/// <summary>Columns of versions: what there is to call.</summary>
internal static class ColumnsModule
{
    private const long IndexBytes = 64L << 20;

    public static void AddColumns(this IServiceCollection services)
    {
        services.AddSingleton(_ => new RowGroupIndexes(IndexBytes));
        services.AddSingleton<TrainingReads>();
        services.AddSingleton<MaskKey>();
        services.AddScoped<ColumnFiles>();
    }

    public static void Map(IEndpointRouteBuilder routes) => ReadColumns.Map(routes);
}
